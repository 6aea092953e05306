import { pasteable } from './client-environment.js';

interface BannerFacts {
  url: string;
  dataDir: string;
  seconds: number;
  /** Why there is no iSCSI, or undefined. */
  missing: string | undefined;
  portal: string;
}

const USER = 'demo';
const PROJECT = 'demo';

/** What a new user needs: where it is, how to reach it, what to try. */
export function banner({ url, dataDir, seconds, missing, portal }: BannerFacts): string {
  const exports = missing
    ? `local only: ${missing}.\n               On Debian: apt-get install tgt qemu-utils`
    : `iSCSI at ${portal}`;
  return `
Scoria is ready (${seconds.toFixed(1)} s)

  Endpoint     ${url}/v3
  Data         ${dataDir}
  Attachments  ${exports}

  For the openstack and cinder commands, paste:

${indented(pasteable(url, USER, PROJECT))}

  Try:

    openstack volume create --size 1 first
    cinder list
    curl -s -H 'X-Auth-Token: ${USER}:${PROJECT}' ${url}/v3/${PROJECT}/volumes/detail

  Ctrl-C stops it. The next start finds everything again.
`;
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');
