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

    export OS_AUTH_TYPE=noauth OS_USER_ID=demo OS_PROJECT_ID=demo OS_VOLUME_API_VERSION=3.70
    export OS_ENDPOINT=${url}/v3 CINDER_ENDPOINT=${url}/v3

  Try:

    openstack volume create --size 1 first
    cinder list
    curl -s -H 'X-Auth-Token: demo:demo' ${url}/v3/demo/volumes/detail

  Ctrl-C stops it. The next start finds everything again.
`;
}
