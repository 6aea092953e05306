/** From 3.66 on, `openstack volume snapshot create` (6.0) sends what that version forbids. */
const VERSION = '3.65';

/** Variables of an environment. */
export type Environment = Readonly<Record<string, string>>;

/**
 * What makes the `openstack` command (6.0) work without Keystone. With the `noauth` plug-in, `openstack volume create`
 * looks for an image service and gives up; with `admin_token` and the image service's version it asks for none.
 *
 * @param url the gateway's, without `/v3`
 */
export function openstackEnvironment(url: string, user: string, project: string): Environment {
  return {
    OS_AUTH_TYPE: 'admin_token',
    OS_TOKEN: `${user}:${project}`,
    OS_ENDPOINT: `${url}/v3/${project}`,
    OS_VOLUME_API_VERSION: VERSION,
    OS_IMAGE_API_VERSION: '2',
  };
}

/** The same for the `cinder` command (9.1), which does not start with `admin_token`. */
export function cinderEnvironment(url: string, user: string, project: string): Environment {
  return {
    OS_AUTH_TYPE: 'noauth',
    OS_USER_ID: user,
    OS_PROJECT_ID: project,
    CINDER_ENDPOINT: `${url}/v3`,
    OS_VOLUME_API_VERSION: VERSION,
  };
}

/** Lines for a shell after which both commands work. */
export function pasteable(url: string, user: string, project: string): string[] {
  const openstack = Object.entries(openstackEnvironment(url, user, project));
  const cinder = Object.entries(cinderEnvironment(url, user, project));
  return [
    ...openstack.map(([name, value]) => `export ${name}=${value}`),
    `cinder() { ${cinder.map(([name, value]) => `${name}=${value}`).join(' ')} command cinder "$@"; }`,
  ];
}
