# The page and the command line in a container, with models for processors:
#   docker build -t lyricsrec .
#   docker run -p 8000:8000 -e LYRICSREC_TOKEN=SECRET -v lyrics:/songs lyricsrec
#   docker run --rm -v "$PWD":/songs lyricsrec transcribe /songs/song.mp3 -o /songs/song.lrc
# For NVIDIA GPUs (run with --gpus all):
#   docker build -t lyricsrec:cuda --build-arg TORCH=https://download.pytorch.org/whl/cu130 .
FROM python:3.12-slim

ARG TORCH=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir 'torch>=2.11,<2.14' --index-url "$TORCH"
COPY . /source
RUN pip install --no-cache-dir '/source[offline,web]' && rm -rf /source

RUN useradd --create-home singer && mkdir /songs && chown singer /songs
USER singer
VOLUME /songs
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/api/health', timeout=4)"]
ENTRYPOINT ["lyricsrec"]
CMD ["serve", "--host", "0.0.0.0", "--no-open", "--data", "/songs"]
