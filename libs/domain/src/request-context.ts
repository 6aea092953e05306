/** Who asks, and under which request. Travels with each operation and each message. */
export interface RequestContext {
  /** `req-<uuid>`: answered in `x-openstack-request-id` and kept on every row and log line the request causes. */
  requestId: string;
  userId: string;
  projectId: string;
  isAdmin: boolean;
  roles: string[];
  /** Set when the caller also presented a valid service token (Nova). */
  isService?: boolean;
}
