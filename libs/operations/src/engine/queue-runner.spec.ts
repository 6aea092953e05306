import type { OperationRecord } from '../record.js';
import { StepRegistry } from '../step-handler.js';
import type { ClaimRequest, OperationStore } from '../store-port.js';
import { QueueRunner } from './queue-runner.js';

/**
 * Answers nothing, and keeps what it was asked for: how the runner asks is all that is tested here. `during` runs while
 * the claim of that number is under way.
 */
function askedOf(
  run: (runner: QueueRunner<unknown>) => void,
  during: (runner: QueueRunner<unknown>, claim: number) => void = () => {},
): Promise<ClaimRequest[]> {
  const asked: ClaimRequest[] = [];
  const claim = async (request: ClaimRequest): Promise<OperationRecord[]> => {
    asked.push(request);
    const number = asked.length;
    await Promise.resolve();
    during(runner, number);
    return [];
  };
  const runner: QueueRunner<unknown> = new QueueRunner(
    {
      worker: { id: 'worker', service: 'scheduler', host: 'host', leaseSeconds: 1 },
      store: { claim } as unknown as OperationStore<unknown>,
      steps: new StepRegistry([]),
      ring: async () => {},
      maxConcurrent: 4,
      projectShare: 0.75,
      heartbeatMs: 1,
      sweepMs: 1,
      retry: { baseDelayMs: 1, maxDelayMs: 1 },
    },
    'queue',
  );
  run(runner);
  return runner.settled().then(() => asked);
}

describe('doorbells', () => {
  it('that found nothing to claim, and those that rang meanwhile, are looked for once', async () => {
    const asked = await askedOf((runner) => {
      for (const id of ['a', 'b', 'c', 'd']) runner.ring(id);
    });
    expect(asked.map(({ ids }) => ids)).toEqual([['a'], undefined]);
  });

  it('of a storm cost one search, and no memory for each', async () => {
    const asked = await askedOf((runner) => {
      for (let bell = 0; bell < 100_000; bell++) runner.ring(`operation ${bell}`);
    });
    expect(asked.map(({ ids }) => ids?.length)).toEqual([1, undefined]);
  });

  it('that outnumber the slots while a search is under way are looked for by another', async () => {
    const asked = await askedOf(
      (runner) => runner.sweep(),
      (runner, claim) => {
        if (claim === 1) for (let bell = 0; bell < 17; bell++) runner.ring(`operation ${bell}`);
      },
    );
    expect(asked.map(({ ids }) => ids)).toEqual([undefined, undefined]);
  });

  it('that ring while a search is under way, and are few, are answered by themselves', async () => {
    const asked = await askedOf(
      (runner) => runner.sweep(),
      (runner, claim) => claim === 1 && runner.ring('late'),
    );
    expect(asked.map(({ ids }) => ids)).toEqual([undefined, ['late']]);
  });

  it('are not looked for again and again when nothing comes of it', async () => {
    const asked = await askedOf(
      (runner) => runner.sweep(),
      (runner, claim) => claim === 1 && runner.sweep(),
    );
    expect(asked).toHaveLength(2);
  });
});
