import { parseTargets } from './tgt-targets.js';

/** What tgtd keeps of a session: 1,024 bytes, the last of them a zero (tgt, `iscsi/session.c`). */
const SESSION_BYTES = 1023;
/** The shortest initiator name that a connector may hold. */
const SHORT_NAME = 'iqn.2001-01.a';

const HEAD = `    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
`;
const LUN = (lun: number, path = 'None'): string => `        LUN: ${lun}
            Type: disk
            SCSI ID: x
            SCSI SN: x
            Size: 0 MB, Block size: 1
            Online: No
            Removable media: No
            Prevent removal: No
            Readonly: No
            SWP: No
            Thin-provisioning: No
            Backing store type: x
            Backing store path: ${path}
            Backing store flags: 
`;
const REST = (luns: string): string =>
  `    LUN information:\n${luns}    Account information:\n    ACL information:\n`;
const nexus = (sid: number, alias: string): string => `        I_T nexus: ${sid}\n${info(alias)}`;
const CONNECTION = '            Connection: 1\n                IP Address: 127.0.0.1\n';
const info = (alias: string): string =>
  `            Initiator: ${SHORT_NAME} alias: ${alias}\n${CONNECTION}`.slice(0, SESSION_BYTES);

/** Two targets, of which the first has sessions with these aliases. */
const listed = (...aliases: string[]): string =>
  `Target 1: own\n${HEAD}${aliases.map((alias, index) => nexus(index + 1, alias)).join('')}` +
  `${REST(LUN(0) + LUN(1, '/own'))}Target 3: victim\n${HEAD}${REST(LUN(0) + LUN(1, '/victim'))}`;

const names = (text: string): string[] => parseTargets(text).map(({ name }) => name);

describe('the list of targets', () => {
  it('is read with any aliases of a line', () => {
    const targets = parseTargets(listed('none', 'Target 2: x', ' alias: y', ''));
    expect(targets.map(({ name }) => name)).toEqual(['own', 'victim']);
    expect(targets[0]!.sessions.map(({ initiator }) => initiator)).toEqual(Array(4).fill(SHORT_NAME));
  });

  it('an alias that goes on in lines makes its own target unreadable, whatever it says', () => {
    const end = CONNECTION + REST(LUN(0) + LUN(1));
    const aliases = [
      'x\nTarget 7: y',
      `x\nTarget 7: iqn.2010-10.org.openstack:x\n        I_T nexus: 9`,
      `x\n${end}Target 7: y`,
      `x\n${end}Target 2: y\n    System information:`,
      `x\n${CONNECTION}${REST(LUN(0))}Target 2: y\n${HEAD}${nexus(9, 'z').slice(0, -1)}`,
      `x\n${CONNECTION}${nexus(9, '')}`,
      'x'.repeat(SESSION_BYTES),
      `x\n${CONNECTION}`.padEnd(SESSION_BYTES - info('').length + CONNECTION.length + 1, '\n'),
      '\r',
    ];
    for (const alias of aliases) {
      for (const text of [listed(alias), listed(alias, alias), listed('z', alias, 'z')])
        expect(() => parseTargets(text)).toThrow(
          expect.objectContaining({ tid: 1, targetName: 'own' }) as Error,
        );
    }
  });

  it('no alias is long enough to end its own target and begin another', () => {
    // The shortest that the reader takes: of each line the least, and the target without sessions, since the session's
    // real end is cut off.
    const begin = `            Initiator: ${SHORT_NAME} alias: \n            Connection: 1\n                \n`;
    const forged = `${begin}${REST(LUN(0) + LUN(1, 'x'))}Target 2: x\n${HEAD}`;
    const text = listed('').replace(info(''), forged);
    expect(names(text)).toEqual(['own', 'x', 'victim']);
    expect(Buffer.byteLength(forged)).toBeGreaterThan(SESSION_BYTES);
  });

  it('targets that are not in the order of their numbers are refused', () => {
    const target = (tid: number): string => `Target ${tid}: t${tid}\n${HEAD}${REST(LUN(0))}`;
    expect(names(target(1) + target(2) + target(9))).toEqual(['t1', 't2', 't9']);
    expect(() => parseTargets(target(1) + target(4) + target(2))).toThrow(
      expect.objectContaining({ tid: 4 }) as Error,
    );
    expect(() => parseTargets(target(2) + target(2))).toThrow(expect.objectContaining({ tid: 2 }) as Error);
  });

  it('what is no list at all is an error, and an empty one is none', () => {
    expect(parseTargets('')).toEqual([]);
    expect(() => parseTargets('tgtadm: something\n')).toThrow('tgtd');
  });
});
