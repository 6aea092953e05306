import http from 'node:http';
import { request } from 'node:http';
import * as T from '@scoria/telemetry';
const log = T.createLogger({ service: 'x' });
const s = http
  .createServer((req, res) => {
    T.nameServerSpan('GET', '/v3/:id');
    T.withLogContext({ requestId: 'req-1' }, async () => {
      await T.traced('inner', { a: 1, password: 'x' }, async () =>
        log.info({ auth: { password: 'hush' } }, 'hello'),
      );
      res.end(JSON.stringify(T.currentTrace()));
    });
  })
  .listen(0, async () => {
    const u = `http://127.0.0.1:${s.address().port}`;
    console.log(
      await (
        await fetch(u + '/v3/1', {
          headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
        })
      ).text(),
    );
    await (await fetch(u + '/live')).text();
    await T.traced(
      'out',
      {},
      () => new Promise((r) => request(u + '/v3/2', (x) => x.resume().on('end', r)).end()),
    );
    console.log(await T.prometheusText());
    s.close();
  });
