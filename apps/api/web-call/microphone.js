// Opens the microphone and gives its sound in 20 ms pieces. A transport of another kind (WebRTC) replaces this file.

export class Microphone {
  // onSound(ArrayBuffer of 320 int16 samples at 16 kHz), onLevel(0..1)
  constructor({ onSound, onLevel }) {
    this.onSound = onSound;
    this.onLevel = onLevel;
    this.muted = false;
  }

  // Rejects with a DOMException: NotAllowedError when refused, NotFoundError without a microphone.
  static open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      return Promise.reject(new DOMException('getUserMedia needs https or localhost', 'SecurityError'));
    }
    return navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  }

  async start(context, stream) {
    this.stream = stream;
    await context.audioWorklet.addModule('./microphone-worklet.js');
    this.source = context.createMediaStreamSource(stream);
    this.node = new AudioWorkletNode(context, 'microphone', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    this.node.port.onmessage = ({ data }) => {
      this.onLevel(this.muted ? 0 : data.level);
      // Muted sends silence: the server's clock and voice detection go on as on a telephone.
      this.onSound(this.muted ? new ArrayBuffer(data.samples.byteLength) : data.samples);
    };
    this.source.connect(this.node);
  }

  stop() {
    this.node?.port.close();
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => track.stop());
  }
}
