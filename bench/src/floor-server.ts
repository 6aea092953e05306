import { fastify } from 'fastify';
import pg from 'pg';

/**
 * The floor of reading: bare Fastify and bare pg, one statement that has PostgreSQL build about the same JSON, no
 * checks, no headers, no traces. Started as a process of its own: `node floor-server.js DATABASE_URL`.
 */
const pool = new pg.Pool({ connectionString: process.argv[2]!, max: 10 });
const server = fastify();

const ROW = `json_build_object(
  'id', v.id, 'status', v.status, 'size', v.size, 'availability_zone', v.availability_zone,
  'created_at', to_char(v.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
  'updated_at', to_char(v.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
  'name', v.name, 'description', v.description, 'volume_type', t.name, 'snapshot_id', v.snapshot_id,
  'source_volid', v.source_volid, 'metadata', v.metadata, 'user_id', v.user_id, 'bootable', v.bootable::text,
  'multiattach', v.multiattach, 'attachments', '[]'::json, 'links', json_build_array(
    json_build_object('rel', 'self', 'href', 'http://127.0.0.1/v3/bench/volumes/' || v.id),
    json_build_object('rel', 'bookmark', 'href', 'http://127.0.0.1/bench/volumes/' || v.id)))`;

server.get('/volumes/detail', async (_request, reply) => {
  const { rows } = await pool.query<{ body: string }>({
    name: 'list',
    text: `select json_build_object('volumes', coalesce(json_agg(row), '[]'))::text as body
             from (select ${ROW} as row from volumes v join volume_types t on t.id = v.volume_type_id
                    where v.project_id = 'bench' order by v.created_at desc, v.id desc limit 100) page`,
  });
  return reply.type('application/json').send(rows[0]!.body);
});

server.get<{ Params: { id: string } }>('/volumes/:id', async (request, reply) => {
  const { rows } = await pool.query<{ body: string }>({
    name: 'show',
    text: `select json_build_object('volume', ${ROW})::text as body
             from volumes v join volume_types t on t.id = v.volume_type_id where v.id = $1 and v.project_id = 'bench'`,
    values: [request.params.id],
  });
  return reply.type('application/json').send(rows[0]!.body);
});

console.log(await server.listen({ host: '127.0.0.1', port: 0 }));
