// The call's WebSocket: sound as binary messages of 20 ms, everything else as JSON. The protocol is described in the
// server's src/transports/browser/page_messages.hpp.

const MOST_QUEUED = 64000; // bytes, two seconds: a network that is this far behind gets no more microphone

export class Transport {
  // onSound(ArrayBuffer), onMessage(object), onClosed({code, reason})
  constructor({ onSound, onMessage, onClosed }) {
    this.onSound = onSound;
    this.onMessage = onMessage;
    this.onClosed = onClosed;
  }

  connect(url, accessToken) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace(/^http/, 'ws');
    this.socket = new WebSocket(address);
    this.socket.binaryType = 'arraybuffer';
    this.socket.onopen = () => this.socket.send(JSON.stringify({ access_token: accessToken }));
    this.socket.onclose = (event) => this.onClosed({ code: event.code, reason: event.reason });
    this.socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') {
        this.onSound(data);
        return;
      }
      let message;
      try {
        message = JSON.parse(data);
      } catch {
        return; // not for us
      }
      this.onMessage(message);
    };
  }

  get open() {
    return this.socket?.readyState === WebSocket.OPEN;
  }
  sendSound(samples) {
    if (this.open && this.socket.bufferedAmount < MOST_QUEUED) this.socket.send(samples);
  }
  send(message) {
    if (this.open) this.socket.send(JSON.stringify(message));
  }
  hangUp() {
    this.send({ type: 'hang_up' });
    this.socket?.close(1000);
  }
}
