import { capabilitiesOf } from './capabilities.js';
import { meets, requirementsOf } from './extra-specs.js';
import { poolAt } from './test-support/pool.js';

const NESTED = { disk: { kind: 'ssd', speeds: ['10', '20'] } };
const CAPABILITIES = {
  ...capabilitiesOf(
    poolAt('a@one#p', { extra: { compression: true, nothing: null, iops: 5000, ...NESTED } }),
  ),
  text: 'b',
  words: 'fast and safe',
  mixed: ['a', 'b'],
};

const matches = (key: string, wanted: string | null): boolean =>
  requirementsOf({ [key]: wanted }).every((requirement) => meets(CAPABILITIES, requirement));

describe('extra specs', () => {
  it.each<[key: string, wanted: string | null, matches: boolean]>([
    // Without an operator: the very same text, so a boolean or number never.
    ['volume_backend_name', 'one', true],
    ['volume_backend_name', 'ONE', false],
    ['volume_backend_name', 'one ', false],
    ['compression', 'True', false],
    ['iops', '5000', false],
    ['text', '', false],
    // Numbers.
    ['iops', '= 4000', true],
    ['iops', '= 5001', false],
    ['iops', '== 5000.0', true],
    ['iops', '== 5001', false],
    ['iops', '!= 5000', false],
    ['iops', '!= 1', true],
    ['iops', '>= 5000', true],
    ['iops', '>= 5000.1', false],
    ['iops', '<= 5000', true],
    ['iops', '<= 4999', false],
    ['iops', '>= many', false],
    ['iops', '>=', false],
    ['text', '>= 0', false],
    ['text', '!= 0', false],
    // Text.
    ['text', 's== b', true],
    ['text', 's== a', false],
    ['text', 's!= a', true],
    ['text', 's!= b', false],
    ['text', 's< c', true],
    ['text', 's< b', false],
    ['text', 's<= b', true],
    ['text', 's<= a', false],
    ['text', 's> a', true],
    ['text', 's> b', false],
    ['text', 's>= b', true],
    ['text', 's>= c', false],
    ['text', 's==', false],
    ['iops', 's== 5000', true],
    // Only the first word after the operator counts.
    ['text', 's== b c', true],
    ['words', '<in> safe nonsense', true],
    // Words in, truth, alternatives.
    ['words', '<in> safe', true],
    ['words', '<in> slow', false],
    ['multiattach', '<is> True', true],
    ['multiattach', '<is> yes', true],
    ['multiattach', '<is> False', false],
    ['thick_provisioning_support', '<is> False', true],
    ['text', '<is> False', true],
    ['text', '<or> a <or> b', true],
    ['text', '<or> a <or> c', false],
    ['text', '<or>', false],
    // Null.
    ['nothing', null, true],
    ['text', null, false],
    ['nothing', '<is> False', false],
    ['nothing', 's!= a', false],
    // What is not there.
    ['absent', 's!= a', false],
    ['absent', null, false],
    ['constructor', '<in> function', false],
    // Lists: any element.
    ['mixed', 'b', true],
    ['mixed', 'c', false],
    ['storage_protocol', 'iSCSI', true],
    ['storage_protocol', 'iscsi', true],
    ['storage_protocol', '<or> FC <or> iscsi', true],
    ['storage_protocol', 'FC', false],
    // Scopes and nested dictionaries.
    ['capabilities:text', 'b', true],
    ['capabilities:text', 'c', false],
    ['capabilities:disk:kind', 'ssd', true],
    ['capabilities:disk:kind', 'hdd', false],
    ['capabilities:disk:speeds', '>= 20', true],
    ['capabilities:disk:absent', 'ssd', false],
    ['capabilities:text:deeper', 'b', false],
    ['disk:kind', 'hdd', true],
    ['provisioning:type', 'thick', true],
    ['vendor:anything', 'at all', true],
  ])('%s = %j matches: %s', (key, wanted, expected) => {
    expect(matches(key, wanted)).toBe(expected);
  });

  it('have to be met all', () => {
    const specs = requirementsOf({ text: 'b', words: '<in> safe', multiattach: '<is> False' });
    expect(specs.map((requirement) => meets(CAPABILITIES, requirement))).toEqual([true, true, false]);
  });

  it('cannot be fooled by a driver that reports what Scoria measures', () => {
    const state = poolAt('a@one#p', {
      extra: { volume_backend_name: 'gold', multiattach: true },
      multiattach: false,
    });
    expect(capabilitiesOf(state)).toMatchObject({ volume_backend_name: 'one', multiattach: false });
  });
});
