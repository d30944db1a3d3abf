// The microphone as 20 ms pieces of 16 kHz 16-bit samples, with their level. Runs on the audio thread.
import { Resampler } from './resampler.js';

const RATE = 16000;
const FRAME = 320;

class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.energy = 0;
    this.take = this.take.bind(this);
  }

  take(sample) {
    const value = Math.max(-1, Math.min(1, sample));
    this.energy += value * value;
    this.frame[this.filled++] = Math.round(value * 32767);
    if (this.filled < FRAME) return;
    const level = Math.sqrt(this.energy / FRAME);
    const samples = this.frame.buffer;
    this.port.postMessage({ samples, level }, [samples]);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.energy = 0;
  }

  process(inputs) {
    const channel = inputs[0]?.[0];
    if (channel) this.resampler.push(channel, this.take);
    return true;
  }
}

registerProcessor('microphone', Microphone);
