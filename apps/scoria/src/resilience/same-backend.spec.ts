import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { endTgtDaemon } from '@scoria/exports';
import { deleteVolume } from '@scoria/operations';
import { Database, insertOperation, migrate } from '@scoria/store';
import { freePort, removeTempDirs, tempDir, testDatabase, testRabbit, waitFor } from '@scoria/testing';
import { iscsiStateDir } from '@scoria/volume';
import { PORTS, memberOf, type Member } from '../cluster/layout.js';
import { killProcess, launchService, stopProcess, untilReady } from '../cluster/processes.js';
import { stateDirOf } from '../cluster/service-config.js';
import type { ClusterState, ProcessState } from '../cluster/state.js';

/** Two services have to start. */
const LIMIT_MS = 180_000;
const START_MS = 60_000;
const BACKEND = 'host1@null';
/** The same host and storage as `volume1`, in a process of its own. */
const RIVAL: Member = { ...memberOf('volume1'), name: 'rival', portOffset: 6 };

afterAll(removeTempDirs);

test(
  'of two processes that serve the same backend one waits, and takes over at once when the other is killed',
  async () => {
    await using databases = await testDatabase({
      name: 'store',
      migrate: async (url) => void (await migrate(url)),
    });
    await using broker = await testRabbit();
    const database = await Database.open({ url: databases.url, poolSize: 1 });
    const state: ClusterState = {
      dataDir: tempDir('rivals'),
      basePort: await freePort(PORTS),
      databaseUrl: databases.url,
      amqpUrl: broker.url,
      apiUrls: [],
      processes: {},
    };
    const started: ProcessState[] = [];
    const launch = async (member: Member): Promise<ProcessState> => {
      const launched = await launchService(state, member);
      started.push(launched);
      return launched;
    };
    try {
      const first = await launch(memberOf('volume1'));
      await untilReady(first);
      const second = await launch(RIVAL);
      await waitFor(async () => (await readFile(second.log, 'utf8')).includes('waiting until it ends'), {
        timeoutMs: START_MS,
        describe: 'the second process to have started',
      });
      expect((await fetch(`${second.url}/ready`)).ok).toBe(false);

      process.kill(first.pid, 'SIGSTOP');
      const id = await heldBy(database, first);
      await killProcess(first);
      await waitFor(
        () => database.query(`select from operations where id = $1 and state = 'succeeded'`, [id]),
        {
          timeoutMs: START_MS,
          until: (rows) => rows.length === 1,
          describe: 'the successor to finish what its predecessor held',
        },
      );
      await untilReady(second);
    } finally {
      await Promise.all(started.map(stopProcess));
      await endTgtDaemon(iscsiStateDir({ stateDir: stateDirOf(state, RIVAL.host) }));
      await database.close();
    }
  },
  LIMIT_MS,
);

/** A delete that the stopped process has claimed, with a lease that will not end while anybody waits for it. */
async function heldBy(database: Database, { name }: ProcessState): Promise<string> {
  const [worker] = await database.query<{ id: string }>(
    `with held as (
       update workers set lease_until = now() + interval '1 day'
        where id = (select id from workers order by started_at limit 1) returning id)
     select id from held`,
  );
  if (!worker) throw new Error(`${name} has no lease`);
  return database.transaction(async (tx) => {
    const volumeId = randomUUID();
    const { operationId } = await insertOperation(tx, {
      definition: deleteVolume,
      resourceType: 'volume',
      resourceId: volumeId,
      input: { cascade: false },
      backend: BACKEND,
      context: {
        requestId: `req-${randomUUID()}`,
        userId: 'user',
        projectId: 'project',
        isAdmin: false,
        roles: [],
      },
    });
    await tx.query(
      `insert into volumes (id, project_id, user_id, size, status, operation_id, volume_type_id, pool)
       select $1, 'project', 'user', 1, 'deleting', $2, t.id, p.address
         from volume_types t, pools p where p.backend = $3 limit 1`,
      [volumeId, operationId, BACKEND],
    );
    await tx.query('update operations set owner = $2 where id = $1', [operationId, worker.id]);
    return operationId;
  });
}
