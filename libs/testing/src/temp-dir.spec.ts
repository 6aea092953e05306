import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTempDirs, tempDir } from './temp-dir.js';

describe('a temporary directory', () => {
  it('is removed with all that is in it', () => {
    const directory = tempDir('spec');
    writeFileSync(join(directory, 'file'), 'x');
    removeTempDirs();
    expect(existsSync(directory)).toBe(false);
  });

  it('can be passed through by servers that run as another user, but not listed', () => {
    expect(statSync(tempDir('spec')).mode & 0o777).toBe(0o711);
    removeTempDirs();
  });
});
