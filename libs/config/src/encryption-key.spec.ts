import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptionKey, SecretsConfig } from './index.js';

const directory = mkdtempSync(join(tmpdir(), 'scoria-key-'));
afterAll(() => rmSync(directory, { recursive: true }));

const secrets = (fields: Partial<SecretsConfig>) => Object.assign(new SecretsConfig(), fields);

function keyFile(text: string): SecretsConfig {
  const path = join(directory, `${Math.random()}`);
  writeFileSync(path, text);
  return secrets({ keyFile: path });
}

const bytes = Buffer.alloc(32, 7);

describe('the key of the secrets in the database', () => {
  it('is the same on every host, in whatever form it is given', () => {
    expect(encryptionKey(secrets({ key: bytes.toString('base64') }))).toEqual(bytes);
    expect(encryptionKey(keyFile(`${bytes.toString('base64')}\n`))).toEqual(bytes);
    const derived = encryptionKey(keyFile('correct horse battery staple\n'));
    expect(derived).toHaveLength(32);
    expect(encryptionKey(keyFile('correct horse battery staple'))).toEqual(derived);
    expect(encryptionKey(keyFile('correct horse battery stapler'))).not.toEqual(derived);
  });

  it.each([
    [
      'a short key',
      () => secrets({ key: Buffer.alloc(16).toString('base64') }),
      /secrets.key: must be 32 bytes/,
    ],
    ['a short passphrase', () => keyFile('hush'), /secrets.keyFile: holds less than 12 characters/],
    ['no file', () => secrets({ keyFile: join(directory, 'none') }), /cannot be read \(ENOENT\)/],
    ['nothing', () => secrets({}), /give key or keyFile/],
  ])('is refused when it is %s', (_, given, message) => {
    expect(() => encryptionKey(given())).toThrow(message);
  });
});
