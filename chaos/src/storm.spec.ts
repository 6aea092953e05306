import { waitFor } from '@scoria/testing';
import type { Fault } from './faults/index.js';
import type { Field } from './field/field.js';
import { Random } from './random.js';
import { Storm } from './storm.js';

const FIELD = {} as Field;

/** Faults of which it is known where they are being inflicted. */
class Weather {
  readonly raging: string[] = [];
  readonly told: string[] = [];

  fault(name: string, aims: string[], more: Partial<Fault> = {}): Fault {
    return {
      name,
      what: name,
      seconds: [0, 0],
      slice: true,
      excuses: false,
      aims: () => aims,
      inflict: async (_, aim) => {
        this.raging.push(aim);
        this.told.push(`${name} ${aim}`);
        return async () => void this.raging.splice(this.raging.indexOf(aim), 1);
      },
      ...more,
    };
  }

  storm(faults: Fault[], lanes: number, rounds?: number): Storm {
    return new Storm(FIELD, {
      faults,
      lanes,
      gap: [0, 0],
      chance: new Random(1),
      say: () => undefined,
      ...(rounds === undefined ? {} : { rounds }),
    });
  }
}

test('every fault comes once in a round, and all are healed', async () => {
  const weather = new Weather();
  const faults = ['a', 'b', 'c', 'd'].map((name) => weather.fault(name, [name]));
  const storm = weather.storm(faults, 2, 2);
  storm.start();
  await storm.spent();
  expect(weather.told.slice(0, 4).sort()).toEqual(['a a', 'b b', 'c c', 'd d']);
  expect(weather.told).toHaveLength(8);
  expect(weather.raging).toEqual([]);
  expect(storm.blows.every(({ ended }) => ended !== undefined)).toBe(true);
});

test('nothing is hit twice at the same time, nor what belongs to it', async () => {
  const weather = new Weather();
  const long = weather.fault('long', ['x'], { seconds: [60, 60], claims: () => ['x', 'y'] });
  const other = weather.fault('other', ['y']);
  const storm = weather.storm([long, other], 2);
  storm.start();
  await waitFor(() => weather.told.includes('long x'));
  const before = weather.told.length;
  expect(await storm.strike(other)).toBe(false);
  await storm.calm();
  expect(weather.told.slice(before).filter((told) => told === 'other y')).toEqual([]);
});

test('calming heals at once what would have lasted', async () => {
  const weather = new Weather();
  const storm = weather.storm([weather.fault('long', ['x'], { seconds: [600, 600] })], 1);
  storm.start();
  await waitFor(() => weather.raging.length === 1);
  await storm.calm();
  expect(weather.raging).toEqual([]);
});

test('what this machine cannot do is left out', async () => {
  const weather = new Weather();
  const storm = weather.storm([weather.fault('impossible', []), weather.fault('possible', ['x'])], 1, 1);
  storm.start();
  await storm.spent();
  expect(weather.told).toEqual(['possible x']);
});

test('the same seed makes the same choices', async () => {
  const choices = async (): Promise<string[]> => {
    const weather = new Weather();
    const storm = weather.storm(
      ['a', 'b', 'c'].map((name) => weather.fault(name, ['1', '2', '3'])),
      1,
      3,
    );
    storm.start();
    await storm.spent();
    return weather.told;
  };
  expect(await choices()).toEqual(await choices());
});
