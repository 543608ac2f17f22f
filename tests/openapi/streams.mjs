// Streams read to where a test has enough: over a WebSocket (as much of RFC 6455 as that takes: text frames from a server,
// none to it) and as server-sent events.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

/** The messages of the stream, as parsed JSON, until `enough(messages)`; then the connection is dropped. */
export function messages_of(port, target, enough, patience_ms = 20_000) {
  return new Promise((resolve, reject) => {
    const messages = [];
    let buffer = Buffer.alloc(0);
    const sent = request({
      host: '127.0.0.1', port, path: target,
      headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64') },
    });
    const give_up = setTimeout(() => finish(new Error(`only ${JSON.stringify(messages.map((each) => each.type))} came`)), patience_ms);
    const finish = (failure) => {
      clearTimeout(give_up);
      sent.destroy();
      failure ? reject(failure) : resolve(messages);
    };
    const read = () => {
      while (buffer.length >= 2) {
        const short = buffer[1] & 0x7f;
        const head = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (buffer.length < head) return;
        const length = short < 126 ? short : short === 126 ? buffer.readUInt16BE(2) : Number(buffer.readBigUInt64BE(2));
        if (buffer.length < head + length) return;
        const opcode = buffer[0] & 0x0f;
        if (opcode === 1) messages.push(JSON.parse(buffer.subarray(head, head + length).toString()));
        if (opcode === 8) return finish(new Error('the server closed the stream'));
        buffer = buffer.subarray(head + length);
        if (opcode === 1 && enough(messages)) return finish();
      }
    };
    sent.on('upgrade', (answer, socket, first) => {
      buffer = first;
      socket.on('data', (bytes) => {
        buffer = Buffer.concat([buffer, bytes]);
        read();
      });
      socket.on('error', () => {});
      read();
    });
    sent.on('response', (answer) => finish(new Error(`no upgrade but ${answer.statusCode}`)));
    sent.on('error', finish);
    sent.end();
  });
}

/** The same of server-sent events. */
export function events_of(port, target, enough, patience_ms = 20_000) {
  return new Promise((resolve, reject) => {
    const messages = [];
    let text = '';
    const sent = request({ host: '127.0.0.1', port, path: target, headers: { Accept: 'text/event-stream' } });
    const give_up = setTimeout(() => finish(new Error(`only ${JSON.stringify(messages.map((each) => each.type))} came`)), patience_ms);
    const finish = (failure) => {
      clearTimeout(give_up);
      sent.destroy();
      failure ? reject(failure) : resolve(messages);
    };
    sent.on('response', (answer) => {
      if (answer.headers['content-type'] !== 'text/event-stream') return finish(new Error(`no stream but ${answer.statusCode}`));
      answer.setEncoding('utf8');
      answer.on('error', () => {});
      answer.on('data', (part) => {
        text += part;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6)).join('\n');
          if (data === '') continue;
          messages.push(JSON.parse(data));
          if (enough(messages)) return finish();
        }
      });
    });
    sent.on('error', (failure) => finish(failure));
    sent.end();
  });
}
