import { AddressGuard, parseNetwork } from './address-guard.js';

const guard = new AddressGuard([]);

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700::1',
  '2a00::1',
])('%s is public', (address) => expect(guard.allows(address)).toBe(true));

test.each([
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '192.0.0.8',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12::1',
  'fec0::1',
  'ff02::1',
  '::ffff:10.0.0.1',
  '::FFFF:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::a00:1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  'localhost',
  '2130706433',
  '',
])('%s is not for tenants', (address) => expect(guard.allows(address)).toBe(false));

test('what the operator allows is allowed, and nothing beside it', () => {
  const open = new AddressGuard(['10.20.0.0/16', 'fd00:1::/32']);
  const answers = ['10.20.255.1', '::ffff:10.20.0.1', '10.21.0.1', 'fd00:1::5', 'fd00:2::5', '127.0.0.1'].map(
    (address) => open.allows(address),
  );
  expect(answers).toEqual([true, true, false, true, false, false]);
});

test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'x/8', '10.0.0.0/', '10.0.0.0/-1'])(
  '%s is no network',
  (text) => expect(parseNetwork(text)).toBeUndefined(),
);
