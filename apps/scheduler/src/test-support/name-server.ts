import { createSocket, type Socket } from 'node:dgram';

const TYPE_A = 1;
const HEADER_BYTES = 12;

/** A name server (RFC 1035) that gives every name the addresses that the test wants at that moment; IPv4 alone. */
export class NameServer implements AsyncDisposable {
  addresses: string[] = [];
  questions = 0;

  private constructor(
    private readonly socket: Socket,
    readonly server: string,
  ) {}

  static async start(): Promise<NameServer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const names = new NameServer(socket, `127.0.0.1:${socket.address().port}`);
    socket.on('message', (query, { port, address }) => socket.send(names.answer(query), port, address));
    return names;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }

  private answer(query: Buffer): Buffer {
    const endOfName = query.indexOf(0, HEADER_BYTES) + 1;
    const question = query.subarray(HEADER_BYTES, endOfName + 4);
    const addresses = query.readUInt16BE(endOfName) === TYPE_A ? this.addresses : [];
    if (addresses.length > 0) this.questions++;
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    // Name: the question's; type A, class IN, no time to live, four bytes.
    const records = addresses.map((address) =>
      Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    return Buffer.concat([header, question, ...records]);
  }
}
