// Converts a stream of samples between two rates with a windowed sinc. Keeps its state between pieces, so cutting the
// stream into pieces of any size changes nothing. Runs inside the audio worklets.

const TAPS = 32; // on each output sample; the stop band is then 60 dB down
const PHASES = 256;

function makeTable(cutoff) {
  const table = new Float32Array((PHASES + 1) * TAPS);
  for (let phase = 0; phase <= PHASES; phase++) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      const x = tap - TAPS / 2 + 1 - phase / PHASES;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x * cutoff) / (Math.PI * x * cutoff);
      const window = 0.42 + 0.5 * Math.cos((2 * Math.PI * x) / TAPS) + 0.08 * Math.cos((4 * Math.PI * x) / TAPS);
      const value = Math.abs(x) >= TAPS / 2 ? 0 : sinc * window;
      table[phase * TAPS + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < TAPS; tap++) table[phase * TAPS + tap] /= sum;
  }
  return table;
}

export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    this.same = from === to;
    this.table = this.same ? null : makeTable(0.94 * Math.min(1, to / from));
    this.input = new Float32Array(8192);
    this.reset();
  }

  reset() {
    this.length = this.same ? 0 : TAPS - 1; // the stream begins behind silence
    this.input.fill(0);
    this.position = 0; // of the next output sample, in input samples
  }

  // Calls sink(sample) for each sample that `piece` yields.
  push(piece, sink) {
    if (this.same) {
      for (let i = 0; i < piece.length; i++) sink(piece[i]);
      return;
    }
    this.input.set(piece, this.length);
    this.length += piece.length;
    while (this.position + TAPS <= this.length) {
      const whole = Math.floor(this.position);
      const row = Math.round((this.position - whole) * PHASES) * TAPS;
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += this.table[row + tap] * this.input[whole + tap];
      sink(sum);
      this.position += this.step;
    }
    const used = Math.min(Math.floor(this.position), this.length);
    this.input.copyWithin(0, used, this.length);
    this.length -= used;
    this.position -= used;
  }
}
