// Draws the marks of the free loop into the waveform.

const FLAG = 15;

/** The part between A and B, and a flag at either. */
export function paintMarks(pen, { x, height, marks: { a, b }, colours }) {
  if (a !== null && b !== null) {
    pen.fillStyle = colours.accent;
    pen.globalAlpha = 0.16;
    pen.fillRect(x(a), 0, x(b) - x(a), height);
    pen.globalAlpha = 1;
  }
  if (a !== null) paintFlag(pen, x(a), x(a), "A", { height, colours });
  if (b !== null) paintFlag(pen, x(b), x(b) - FLAG, "B", { height, colours });
}

function paintFlag(pen, at, left, letter, { height, colours }) {
  pen.fillStyle = colours.accent;
  pen.fillRect(at - 1, 0, 2, height);
  pen.fillRect(left, 0, FLAG, FLAG);
  pen.fillStyle = colours.raised;
  pen.font = "bold 11px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.fillText(letter, left + 4, FLAG / 2 + 0.5);
}
