import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** PostgreSQL's ReadyForQuery, outside of a transaction. */
const READY = Buffer.from('5a0000000549', 'hex');

/** What a way to the database does to its sessions. `swallow after birth`: from the first session that is there. */
type Manner = 'pass' | 'end at birth' | 'swallow' | 'swallow after birth';

/**
 * A way to the database on which each session is ended in the very packet that says that it is there, or on which bytes
 * vanish, the last ones included.
 */
export async function hostileRelay(databaseUrl: string) {
  const url = new URL(databaseUrl);
  const target = Number(url.port);
  let manner: Manner = 'pass';
  let swallowed = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(target, url.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (bytes: Buffer) => {
      if (manner === 'swallow') swallowed += bytes.length;
      else far.write(bytes);
    });
    near.on('end', () => manner === 'swallow' || near.destroy());
    near.on('close', () => far.destroy());
    far.on('data', (bytes: Buffer) => {
      if (manner === 'swallow') return;
      const born = bytes.subarray(-READY.length).equals(READY);
      near.write(born && manner === 'end at birth' ? Buffer.concat([bytes, terminated()]) : bytes);
      if (born && manner === 'swallow after birth') manner = 'swallow';
    });
    far.on('close', () => near.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    turn: (now: Manner) => (manner = now),
    /** Bytes that went nowhere, of questions. */
    get swallowed() {
      return swallowed;
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** What a session hears when an administrator ends it (`pg_terminate_backend`). */
function terminated(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''];
  const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
  const head = Buffer.from('E0000');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
