import { loadDriver } from './load-driver.js';

describe('a driver', () => {
  it.each(['file', 'null'])('named %s is built in', async (name) => {
    expect(typeof (await loadDriver(name)).create).toBe('function');
  });

  it.each(['../file/index.js', '/etc/x.js', 'data:text/javascript,export default 1', 'toString', 'a/b', ''])(
    'named %j is not imported',
    async (name) => {
      await expect(loadDriver(name)).rejects.toThrow(/neither built in nor the name|cannot be loaded/);
    },
  );

  it('whose package is missing says what there is', async () => {
    await expect(loadDriver('@example/absent-driver')).rejects.toThrow(
      /driver @example\/absent-driver: cannot be loaded .*; built in are file, null/s,
    );
  });

  it('whose package exports something else is refused', async () => {
    await expect(loadDriver('class-validator')).rejects.toThrow('its default export is not a driver factory');
  });
});
