// Draws the spectrogram: time from left to right, pitch from bottom to top, loudness as strength of one colour.

const scratch = document.createElement("canvas");

/** A spectrogram of the server: {hop, bands, levels}. */
export function decode({ hop_s: hop, bands, levels }) {
  return { hop, bands, levels: Uint8Array.from(atob(levels), (letter) => letter.charCodeAt(0)) };
}

/** Red, green and blue of any CSS colour. */
function channels(pen, colour) {
  pen.fillStyle = colour;
  return [1, 3, 5].map((at) => Number.parseInt(pen.fillStyle.slice(at, at + 2), 16));
}

/** Paint what is visible between `top` and `bottom`. */
export function paintSpectrogram(pen, { spectrogram, from, to, x, width, colours }, top, bottom) {
  const { hop, bands, levels } = spectrogram;
  const columns = levels.length / bands;
  const first = Math.max(Math.floor(from / hop), 0);
  const last = Math.min(Math.ceil(to / hop), columns);
  // Zoomed out, one column for each pixel is enough.
  const step = Math.max(1, Math.floor((last - first) / width));
  // Columns have fixed times, so that they do not flicker while scrolling.
  const begin = first - (first % step);
  const count = Math.ceil((last - begin) / step);
  if (count <= 0) return;
  const [red, green, blue] = channels(pen, colours.accent);
  const image = new ImageData(count, bands);
  for (let n = 0; n < count; n += 1) {
    for (let band = 0; band < bands; band += 1) {
      const level = levels[(begin + n * step) * bands + band] / 255;
      const at = ((bands - 1 - band) * count + n) * 4;
      image.data.set([red, green, blue, 255 * level * Math.sqrt(level)], at);
    }
  }
  [scratch.width, scratch.height] = [count, bands];
  scratch.getContext("2d").putImageData(image, 0, 0);
  pen.drawImage(scratch, x(begin * hop), top, x(count * step * hop) - x(0), bottom - top);
}
