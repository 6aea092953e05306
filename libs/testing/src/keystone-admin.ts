/** A user that may log in, as tests need it. */
export interface KeystoneUser {
  id: string;
  name: string;
  password: string;
}

export interface LoginScope {
  /** Name of the project. */
  project?: string;
  /** Name of the domain, for a token that is scoped to a domain. */
  domain?: string;
}

const DOMAIN = { id: 'default' };

/** Makes projects, users, roles and catalogue entries in a test's Keystone. */
export class KeystoneAdmin {
  private own: Promise<string> | undefined;

  constructor(
    private readonly url: string,
    private readonly password: string,
  ) {}

  /** @returns the project's id */
  createProject(name: string): Promise<string> {
    return this.create('/projects', 'project', { name, domain_id: DOMAIN.id });
  }

  async createUser(name: string, password: string): Promise<KeystoneUser> {
    return {
      id: await this.create('/users', 'user', { name, password, domain_id: DOMAIN.id }),
      name,
      password,
    };
  }

  /** Gives a user a role in a project; makes the role when Keystone's bootstrap did not (`service`). */
  async grant(userId: string, projectId: string, role: string): Promise<void> {
    await this.call('PUT', `/projects/${projectId}/users/${userId}/roles/${await this.roleId(role)}`);
  }

  async grantOnDomain(userId: string, role: string): Promise<void> {
    await this.call('PUT', `/domains/${DOMAIN.id}/users/${userId}/roles/${await this.roleId(role)}`);
  }

  /** A catalogue entry, e.g. `block-storage` with Scoria's URL, as public and internal endpoint of RegionOne. */
  async registerService(type: string, name: string, url: string): Promise<void> {
    const service = await this.create('/services', 'service', { type, name });
    for (const kind of ['public', 'internal']) {
      await this.create('/endpoints', 'endpoint', {
        service_id: service,
        interface: kind,
        region_id: 'RegionOne',
        url,
      });
    }
  }

  /** Logs a user in. @returns the token */
  async login(user: Pick<KeystoneUser, 'name' | 'password'>, scope: LoginScope): Promise<string> {
    const password = { user: { ...user, domain: DOMAIN } };
    const project = scope.project && { project: { name: scope.project, domain: DOMAIN } };
    const domain = scope.domain && { domain: { name: scope.domain } };
    const response = await this.send('POST', '/auth/tokens', undefined, {
      auth: {
        identity: { methods: ['password'], password },
        ...(project || domain ? { scope: project || domain } : {}),
      },
    });
    return response.headers.get('x-subject-token')!;
  }

  /** Makes a token invalid at once. */
  async revoke(token: string): Promise<void> {
    await this.send('DELETE', '/auth/tokens', await this.token(), undefined, { 'x-subject-token': token });
  }

  private async roleId(name: string): Promise<string> {
    const found = (await this.call('GET', `/roles?name=${name}`)) as { roles: { id: string }[] };
    return found.roles[0]?.id ?? (await this.create('/roles', 'role', { name }));
  }

  private async create(path: string, kind: string, body: object): Promise<string> {
    const answer = (await this.call('POST', path, { [kind]: body })) as Record<string, { id: string }>;
    return answer[kind]!.id;
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.send(method, path, await this.token(), body);
    return response.status === 204 ? undefined : response.json();
  }

  private token(): Promise<string> {
    return (this.own ??= this.login({ name: 'admin', password: this.password }, { project: 'admin' }));
  }

  private async send(
    method: string,
    path: string,
    token?: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...headers,
        ...(token ? { 'x-auth-token': token } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`Keystone answered ${response.status} to ${method} ${path}`);
    return response;
  }
}
