// Clicks as a sound: for the count-in, and for measuring the delay of taps.

const RATE = 8000;
const CLICK_S = 0.03;

/** Samples of `count` clicks, `gap` seconds apart, as unsigned bytes; the first one is higher, and a gap of silence ends them. */
export function clickSamples(count, gap) {
  const samples = new Uint8Array(Math.round(count * gap * RATE)).fill(128);
  for (let n = 0; n < count; n += 1) {
    const [from, pitch] = [Math.round(n * gap * RATE), n ? 1000 : 1500];
    for (let i = 0; i < CLICK_S * RATE && from + i < samples.length; i += 1)
      samples[from + i] = Math.round(128 + 100 * Math.sin((2 * Math.PI * pitch * i) / RATE) * Math.exp((-5 * i) / (CLICK_S * RATE)));
  }
  return samples;
}

/** A WAV file of 8-bit samples. */
export function wavOf(samples) {
  const head = new DataView(new ArrayBuffer(44));
  const text = (at, letters) => [...letters].forEach((letter, i) => void head.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 36 + samples.length, true);
  text(8, "WAVEfmt ");
  for (const [at, value] of [
    [16, 16],
    [24, RATE],
    [28, RATE],
    [40, samples.length],
  ])
    head.setUint32(at, value, true);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 1],
    [34, 8],
  ])
    head.setUint16(at, value, true);
  text(36, "data");
  return new Blob([head, samples], { type: "audio/wav" });
}

/** An audio element with clicks. */
export function clickSound(count, gap) {
  const address = URL.createObjectURL(wavOf(clickSamples(count, gap)));
  const sound = new Audio(address);
  sound.addEventListener("ended", () => URL.revokeObjectURL(address));
  return sound;
}
