// Plays the agent's sound. A transport of another kind (WebRTC) replaces this file.

export class Speaker {
  // onMark(id, cleared), onLevel(0..1)
  constructor({ onMark, onLevel }) {
    this.onMark = onMark;
    this.onLevel = onLevel;
    this.dropped = 0; // samples that came too late to be played
  }

  async start(context) {
    await context.audioWorklet.addModule('./speaker-worklet.js');
    this.node = new AudioWorkletNode(context, 'speaker', { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.port.onmessage = ({ data }) => {
      if (data.mark !== undefined) this.onMark(data.mark, data.cleared);
      else if (data.level !== undefined) this.onLevel(data.level);
      else if (data.dropped) this.dropped += data.dropped;
    };
    this.node.connect(context.destination);
  }

  play(samples) {
    this.node.port.postMessage({ samples }, [samples]);
  }
  mark(id) {
    this.node.port.postMessage({ mark: id });
  }
  clear() {
    this.node.port.postMessage({ clear: true });
  }
  stop() {
    this.node?.port.close();
    this.node?.disconnect();
  }
}
