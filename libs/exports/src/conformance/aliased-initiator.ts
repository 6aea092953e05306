import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ConnectionInfo } from '../export-protocol.js';

/** Bytes of the header of every PDU (RFC 7143 §11.2). */
const HEADER_BYTES = 48;
const LOGIN_REQUEST = 0x43;
const TRANSIT = 0x80;
/** Stages of a login. */
const SECURITY = 0;
const OPERATIONAL = 1;
const FULL_FEATURE = 3;

/** Logs in with an alias of any bytes, which common initiators do not offer, and stays. */
export async function loginWithAlias(info: ConnectionInfo, name: string, alias: string): Promise<Socket> {
  const [host, port] = String(info.data['target_portal']).split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => undefined);
  const answers = socket[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  const isid = Buffer.from([0x80, ...createHash('md5').update(`${Math.random()}`).digest().subarray(0, 5)]);
  let received = Buffer.alloc(0);
  let statSn = 0;

  const ask = async (stage: number, next: number | undefined, keys: Record<string, string>) => {
    const text = Object.entries(keys).map(([key, value]) => `${key}=${value}\0`);
    socket.write(loginRequest(stage, next, isid, statSn, Buffer.from(text.join(''))));
    while (received.length < HEADER_BYTES || received.length < bytesOf(received)) {
      const more = await answers.next();
      if (more.done) throw new Error('the target closed the connection');
      received = Buffer.concat([received, more.value]);
    }
    const answer = received.subarray(0, bytesOf(received));
    received = received.subarray(answer.length);
    if (answer[36] !== 0) throw new Error(`login refused: ${answer[36]}.${answer[37]}`);
    statSn = answer.readUInt32BE(24) + 1;
    const pairs = answer.subarray(HEADER_BYTES).toString().split('\0');
    return new Map(pairs.map((pair) => pair.split('=') as [string, string]));
  };

  await ask(SECURITY, undefined, {
    InitiatorName: name,
    InitiatorAlias: alias,
    TargetName: String(info.data['target_iqn']),
    SessionType: 'Normal',
    AuthMethod: 'CHAP',
  });
  const challenge = await ask(SECURITY, undefined, { CHAP_A: '5' });
  const proof = createHash('md5')
    .update(Buffer.from([Number(challenge.get('CHAP_I'))]))
    .update(String(info.data['auth_password']))
    .update(Buffer.from(challenge.get('CHAP_C')!.slice(2), 'hex'));
  const user = String(info.data['auth_username']);
  await ask(SECURITY, OPERATIONAL, { CHAP_N: user, CHAP_R: `0x${proof.digest('hex')}` });
  await ask(OPERATIONAL, FULL_FEATURE, {});
  return socket;
}

function loginRequest(
  stage: number,
  next: number | undefined,
  isid: Buffer,
  statSn: number,
  data: Buffer,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = LOGIN_REQUEST;
  header[1] = (stage << 2) | (next === undefined ? 0 : TRANSIT | next);
  header.writeUIntBE(data.length, 5, 3);
  isid.copy(header, 8);
  header.writeUInt32BE(1, 16);
  header.writeUInt32BE(1, 24);
  header.writeUInt32BE(statSn, 28);
  return Buffer.concat([header, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
}

/** Of the PDU that begins here. */
function bytesOf(pdu: Buffer): number {
  return HEADER_BYTES + Math.ceil(pdu.readUIntBE(5, 3) / 4) * 4;
}
