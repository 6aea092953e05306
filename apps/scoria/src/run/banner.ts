interface BannerFacts {
  url: string;
  dataDir: string;
  seconds: number;
  /** Why there is no iSCSI, or undefined. */
  missing: string | undefined;
  portal: string;
}

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

    export OS_AUTH_TYPE=none OS_ENDPOINT=${url}/v3/demo OS_VOLUME_API_VERSION=3
    export CINDERCLIENT_BYPASS_URL=${url}/v3 CINDER_URL=${url}/v3 OS_PROJECT_ID=demo OS_USER_ID=demo

  Try:

    curl -s -H 'X-Auth-Token: demo:demo' ${url}/v3/demo/types
    curl -s -H 'X-Auth-Token: demo:demo' -H 'Content-Type: application/json' \\
      -d '{"volume": {"name": "first", "size": 1}}' ${url}/v3/demo/volumes
    curl -s -H 'X-Auth-Token: demo:demo' ${url}/v3/demo/volumes/detail

  Ctrl-C stops it. The next start finds everything again.
`;
}
