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
  const content = parseYaml(file, text, problems);
  if (content === undefined || isTree(content)) return content ?? {};
  problems.push(`${file}: must hold a map of sections`);
  return {};
}

/** The content, or undefined for an empty file and after a problem. */
function parseYaml(file: string, text: string, problems: string[]): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  // The parser's code and position only: its messages quote the line, which may hold a secret.
  for (const { code, pos } of document.errors) {
    problems.push(`${file}: line ${text.slice(0, pos[0]).split('\n').length}: is not valid YAML (${code})`);
  }
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? undefined;
  } catch {
    problems.push(`${file}: has too many aliases, or one without its anchor`);
    return undefined;
  }
}
