import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { scratchDirectory } from '../fixtures/scratch.js';
import { canReach, firstClosedDirectory } from './postgres-user.js';

const scratch = scratchDirectory();
const somebody = { name: 'somebody', uid: 65_534, gid: 65_534 };

describe('where the user that runs PostgreSQL can go', () => {
  it('is not below a directory that is closed to it', () => {
    const closed = join(scratch, 'closed');
    mkdirSync(join(closed, 'below'), { recursive: true });
    expect(canReach(somebody, join(closed, 'below/cluster'))).toBe(true);
    chmodSync(closed, 0o700);
    expect(firstClosedDirectory(somebody, join(closed, 'below/cluster'))).toBe(closed);
    expect(canReach(somebody, join(closed, 'below/cluster'))).toBe(false);
  });

  it('does not depend on directories that are still to be made', () => {
    expect(canReach(somebody, join(scratch, 'not/yet/there'))).toBe(true);
  });
});
