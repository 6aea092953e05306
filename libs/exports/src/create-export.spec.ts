import { CommandRunner } from '@scoria/commands';
import { createExport } from './create-export.js';

const commands = new CommandRunner({ owner: 'exports-test' });

describe('createExport', () => {
  it('makes each kind with its protocol’s canonical name first', () => {
    const iscsi = createExport('iscsi', { stateDir: '/x', portalAddress: '192.0.2.1' }, { commands });
    expect(iscsi.storageProtocol).toEqual(['iSCSI', 'iscsi']);
    expect(createExport('local', { stateDir: '/x' }, { commands }).storageProtocol).toEqual(['local']);
  });

  it('an option that tgt would read otherwise is refused before anything runs, by its path', () => {
    const good = { stateDir: '/x', portalAddress: '192.0.2.1' };
    const wrong = [
      { portalAddress: 'storage.example' },
      { portalAddress: '192.0.2.1,portal=0.0.0.0' },
      { portalPort: 0 },
      { controlPort: 32_768 },
      { stateDir: 'relative' },
      { stateDir: `/${'x'.repeat(100)}` },
      { targetPrefix: 'volume-' },
      { targetPrefix: `iqn.2026-11.io.scoria:${'x'.repeat(200)}` },
    ];
    for (const each of wrong) {
      const [option] = Object.keys(each);
      const path = option === 'stateDir' ? 'volume.stateDir' : `volume.iscsi.${option}`;
      expect(() => createExport('iscsi', { ...good, ...each }, { commands })).toThrow(
        new RegExp(`^The configuration is not valid:\\n  - ${path}: .*$`),
      );
    }
  });
});
