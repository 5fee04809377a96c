"""Text of unknown encoding: short lyrics of many languages in the encodings that such files have."""

from __future__ import annotations

import os
from time import process_time

import pytest

from lyricsrec.formats.encoding.text_encoding import decode, encode_like, marked_encoding

LYRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "russian": (
        "Я иду домой один\nснег ложится на дома\nты меня не жди\nвпереди зима",
        ("cp1251", "koi8-r", "cp866", "iso8859-5"),
    ),
    "russian, two rows": ("Ночь и тишина\nЯ тебя люблю", ("cp1251", "koi8-r", "cp866", "iso8859-5")),
    "russian, capitals": ("ЛУНА СВЕТИТ МНЕ\nА Я СМОТРЮ НА НЕБО", ("cp1251", "koi8-r", "cp866")),
    "russian, exclamations": ("[Припев]\nЛа-ла-ла, ой!\nМы поём вдвоём\nЭй, друзья!", ("cp1251", "koi8-r", "cp866")),
    "russian, one word": ("Прощай", ("cp1251", "koi8-r", "cp866")),
    "ukrainian": ("Їдемо додому вночі\nмоя зірка ще не спить\nі в її очах\nцілий світ", ("cp1251", "koi8-u")),
    "bulgarian": ("Аз те чакам тук\nпод старата лоза\nвятърът е тих", ("cp1251", "koi8-r")),
    "serbian": ("Њено лице памтим\nђачко доба, љубав прва\nноћ је била топла", ("cp1251", "iso8859-5")),
    "greek": ("Κάθε βράδυ περπατώ\nδίπλα στη θάλασσα\nκαι σε θυμάμαι ακόμα", ("cp1253", "iso8859-7")),
    "greek, two rows": ("Έλα πάλι\nμην αργείς", ("cp1253", "iso8859-7")),
    "polish": ("Idę sam przez ciemną noc\ngwiazdy świecą jak łzy\nśpij już, śnij", ("cp1250", "iso8859-2")),
    "polish, two rows": ("Późno już\nśnieg na dłoni", ("cp1250", "iso8859-2")),
    "czech": ("Jdu tiše domů sám\npřes řeku letí pták\nžlutý měsíc svítí", ("cp1250", "iso8859-2")),
    "slovak": ("Keď príde večer k nám\nstíchne celý dom\nľúbim ťa už dlho", ("cp1250", "iso8859-2")),
    "hungarian": ("Őrzöm még a képedet\nfűben ülve várok rád\nhűvös szél fúj", ("cp1250", "iso8859-2")),
    "romanian": ("Şi noaptea vine încet\nîn suflet ploaia cade\nmă cheamă înapoi", ("cp1250", "iso8859-2")),
    "croatian": ("Sjećaš li se mora još\nnoć je tiha, šumi val", ("cp1250", "iso8859-2")),
    "turkish": ("Gece çöktü şehrin üstüne\nyağmur ağlıyor yine\niçimde bir ışık", ("cp1254", "iso8859-9")),
    "turkish, two rows": ("Gül yüzlü yârim\nneredesin şimdi", ("cp1254",)),
    "german": ("Über den Dächern schläft die Stadt\ndie Straße glänzt vom Regen", ("cp1252", "mac-roman", "cp850")),
    "german, two rows": ("Süße Träume\nschöne Nacht", ("cp1252",)),
    "french": ("Où vas-tu quand la nuit s’éteint\nj’ai gardé ton cœur\nà côté du mien", ("cp1252",)),
    "french, two rows": ("Là-bas, l'été s'achève\nça brûle encore", ("cp1252", "iso8859-1")),
    "spanish": ("Mañana volverá el sol\n¿dónde estás, corazón?\n¡ay, cómo duele!", ("cp1252", "cp850")),
    "portuguese": ("Não sei se a noite é minha\no coração não mente", ("cp1252",)),
    "swedish": ("När natten faller på\ngår jag hem över ån\nså långt från dig", ("cp1252",)),
    "danish": ("Når natten falder på\ngår jag hjem over åen\nsølv på bølgen", ("cp1252",)),
    "icelandic": ("Þú ert það sem ég á\nnóttin er björt og löng\nvið dönsum æ", ("cp1252",)),
    "italian": ("Perché non torni più\nla città è così lontana", ("cp1252",)),
    "english": ("It’s late – and I’m still here\n“stay,” you said…", ("cp1252",)),
    "english with an accent": ("Meet me at the café\nno more déjà vu", ("cp1252", "mac-roman")),
    "hebrew": ("אני הולך הביתה\nהלילה שר לי שיר\nואת כבר לא כאן", ("cp1255", "iso8859-8")),
    "arabic": ("أنا وحدي في الليل\nوالقمر يضيء الطريق\nحبيبي تعال", ("cp1256", "iso8859-6")),
    "thai": ("คืนนี้ฉันเดินกลับบ้าน\nดวงดาวยังส่องแสง", ("cp874", "tis-620")),
    "lithuanian": ("Žiūriu į tamsų dangų\nšaltas vėjas ūžia\nėjau viena namo", ("cp1257",)),
    "latvian": ("Es eju mājās viens\nzvaigznes mirdz pār jūru\nšūpo mani vējš", ("cp1257",)),
    "japanese": (
        "夜の街を歩いてる\nひとりきりの帰り道\n星が笑った",
        ("shift_jis", "cp932", "euc_jp", "iso2022_jp", "iso2022_jp_ext"),
    ),
    "japanese, two rows": ("君がいない\n夏の終わり", ("shift_jis", "euc_jp", "iso2022_jp")),
    "japanese, katakana": ("カタカナで歌うメロディー\nラララ", ("shift_jis", "euc_jp", "iso2022_jp")),
    "japanese, narrow": ("ﾗﾗﾗ 君の声\n聞こえるよ", ("cp932",)),
    "japanese and english": (
        "Baby, I love you tonight\n抱きしめて\nnever let me go",
        ("shift_jis", "euc_jp", "iso2022_jp"),
    ),
    "korean": ("오늘 밤 집으로 걸어가\n별이 나를 부르네\n너를 기다려", ("euc_kr", "cp949")),
    "korean, two rows": ("사랑해\n보고 싶어", ("euc_kr",)),
    "korean, rare": ("똠방각하 쉢 펲\n오늘도 웃는다", ("cp949",)),
    "korean and english": ("Hey girl, don't you cry\n울지마\nall right", ("euc_kr", "iso2022_kr")),
    "chinese": ("今夜我一个人回家\n星星还在天上\n你在哪里", ("gb18030", "gbk", "gb2312")),
    "chinese, two rows": ("我爱你\n不要走", ("gb18030",)),
    "chinese, traditional": ("今夜我一個人回家\n星星還在天上\n你在哪裡", ("big5", "cp950", "big5hkscs")),
    "chinese, traditional, two rows": ("我愛你\n不要離開", ("big5",)),
    "russian and english": ("Baby, goodbye\nпрощай\nforever", ("cp1251", "koi8-r")),
}
UNICODE = ("utf-8", "utf-8-sig", *(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-le", "-be")))


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("language", LYRICS)
def test_short_lyrics_are_read_in_every_encoding_and_written_back(language: str, newline: str) -> None:
    rows, encodings = LYRICS[language]
    text = rows.replace("\n", newline)
    for encoding in (*UNICODE, *encodings):
        data = text.encode(encoding)
        found = decode(data)
        assert found[0] == text, encoding
        assert encode_like(data, *found) == data


def test_data_without_a_mark_is_text_in_utf_16_only_if_it_reads_as_text() -> None:
    assert decode("So far".encode("utf-16-be")) == ("So far", "utf-16-be")
    assert "\0" in decode(b"ID3\0\0\0\1abc")[0]


def test_byte_order_marks() -> None:
    assert decode(b"\xfe\xff\x00a") == ("a", "utf-16")
    assert marked_encoding(b"\xfe\xff\x00a") == "utf-16"
    assert marked_encoding("a".encode("utf-32")) == "utf-32"
    assert marked_encoding(b"abc") is None
    assert encode_like(b"\xfe\xff\x00a", "b", "utf-16") == b"\xfe\xff\x00b"


@pytest.mark.parametrize("data", [b"So f\xe4r \x81\x8d", "夜の街".encode("cp932") + b"\xff\xfe \x80"])
def test_invalid_bytes_can_be_kept(data: bytes) -> None:
    text, encoding = decode(data, "surrogateescape")
    assert text.encode(encoding, "surrogateescape") == data
    assert decode(data)[0]


@pytest.mark.parametrize("piece", ["é", "a ", "é ", "¹", "я", "é\n", "\x1b$B", "ñ¿"])
def test_the_time_grows_with_the_length(piece: str) -> None:
    assert growth(piece) < 60


def growth(piece: str) -> float:
    """How much longer ten times the data takes, from 0.1 to 1 MB."""
    times = []
    for length in (100_000, 1_000_000):
        data = (piece * (length // len(piece))).encode("cp1251" if piece == "я" else "cp1252")
        begin = process_time()
        decode(data)
        times.append(process_time() - begin)
    return times[1] / max(times[0], 0.02)


def test_random_bytes_are_not_refused() -> None:
    for _ in range(20):
        text, encoding = decode(os.urandom(200))
        assert isinstance(text, str)
        assert encoding
