// Plays 16 kHz sound as it comes, from a ring that holds at most 200 ms, and says when marks have been played. Runs on
// the audio thread. Messages in: {samples: ArrayBuffer}, {mark: id}, {clear: true}; out: {mark, cleared}, {level},
// {dropped}.
import { Resampler } from './resampler.js';

const RATE = 16000;
const CAPACITY = 3200; // 200 ms: what is older than that would only make every answer later
const PREBUFFER = 640; // 40 ms, against the network's jitter, whenever playing begins

class Speaker extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Float32Array(CAPACITY);
    this.read = 0; // samples taken from the ring, ever: a mark's place is compared with it
    this.written = 0;
    this.playing = false;
    this.waited = 0;
    this.marks = [];
    this.resampler = new Resampler(RATE, sampleRate);
    this.ready = new Float32Array(4096); // resampled, not yet played
    this.readyCount = 0;
    this.piece = new Float32Array(64);
    this.energy = 0;
    this.counted = 0;
    this.keep = (sample) => {
      this.ready[this.readyCount++] = sample;
    };
    this.port.onmessage = ({ data }) => {
      if (data.samples) this.push(new Int16Array(data.samples));
      else if (data.clear) this.clear();
      else this.marks.push({ id: data.mark, at: this.written });
    };
  }

  push(samples) {
    const over = this.written - this.read + samples.length - CAPACITY;
    if (over > 0) {
      this.read += over;
      this.port.postMessage({ dropped: over });
    }
    for (let i = 0; i < samples.length; i++) this.ring[this.written++ % CAPACITY] = samples[i] / 32768;
  }

  clear() {
    this.read = this.written;
    this.readyCount = 0;
    this.playing = false;
    this.resampler.reset();
    for (const mark of this.marks) this.port.postMessage({ mark: mark.id, cleared: true });
    this.marks = [];
  }

  // Resamples until `count` samples are ready; false when the ring runs dry first.
  fill(count) {
    while (this.readyCount < count) {
      const size = Math.min(this.piece.length, this.written - this.read);
      if (size === 0) return false;
      for (let i = 0; i < size; i++) this.piece[i] = this.ring[this.read++ % CAPACITY];
      this.resampler.push(size === this.piece.length ? this.piece : this.piece.subarray(0, size), this.keep);
    }
    return true;
  }

  process(_inputs, outputs) {
    const output = outputs[0][0];
    const waiting = this.written - this.read;
    if (!this.playing && waiting > 0) {
      // A piece shorter than the prebuffer must not wait for ever.
      this.waited += output.length;
      if (waiting >= PREBUFFER || this.waited > sampleRate / 20) this.playing = true;
    }
    if (this.playing) {
      this.waited = 0;
      this.playing = this.fill(output.length);
      const count = Math.min(output.length, this.readyCount);
      output.set(this.ready.subarray(0, count));
      this.ready.copyWithin(0, count, this.readyCount);
      this.readyCount -= count;
      for (let i = 0; i < count; i++) this.energy += output[i] * output[i];
    }
    while (this.marks.length > 0 && this.marks[0].at <= this.read) {
      this.port.postMessage({ mark: this.marks.shift().id, cleared: false });
    }
    this.counted += output.length;
    if (this.counted >= sampleRate / 25) {
      this.port.postMessage({ level: Math.sqrt(this.energy / this.counted) });
      this.energy = 0;
      this.counted = 0;
    }
    return true;
  }
}

registerProcessor('speaker', Speaker);
