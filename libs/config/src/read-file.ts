import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { isTree, type Tree } from './tree.js';

const MAX_BYTES = 1_048_576;

/** Reads a YAML file of at most 1 MiB. Adds to `problems` instead of throwing. */
export function readConfigFile(file: string, problems: string[]): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return {};
  }
  if (text.length > MAX_BYTES) {
    problems.push(`${file}: is larger than ${MAX_BYTES} bytes`);
    return {};
  }
  const document = parseDocument(text, { prettyErrors: false });
  // The parser's position, without the line itself, which may hold a secret.
  for (const { message, pos } of document.errors) {
    const line = text.slice(0, pos[0]).split('\n').length;
    problems.push(`${file}: line ${line}: ${message}`);
  }
  if (document.errors.length > 0) return {};
  const content: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (isTree(content)) return content;
  problems.push(`${file}: must hold a map of sections`);
  return {};
}
