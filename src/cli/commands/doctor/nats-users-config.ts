import type {NodePermissions, RolePermissions} from '../../../cluster/access/permissions.js';

/** Returns a users section for nats-server.conf. The passwords come from environment variables of the server. */
export function natsUsersConfig(nodes: NodePermissions, roles: readonly RolePermissions[]): string {
  return `# NATS users for gates, modules and gatectl operators, for the nats-server configuration.
#
# nodes: gates and modules. A node replies only to inboxes, and NATS limits it to these subjects. Remaining risk: a process
# with this password can call every function of every node, reply in the name of another node, and read traffic between
# nodes.
# - For records in JetStream (gate run --store jetstream://<bucket>), run "gatectl doctor --permissions --bucket <bucket>".
# - For operators with another --inbox-prefix, add that prefix here and to "gate run --reply-inboxes".
# - mqant nodes in Go use this user too.
authorization {
  users: [
    {
      user: "nodes", password: $NODES_PASSWORD
${permissionsBlock(nodes)}
    }
${roles.map(userText).join('')}  ]
}
`;
}

const userText = (role: RolePermissions): string => `
    # ${role.role}: ${role.about}
    # gatectl context add ${role.role} --user ${role.role} --password-file … --inbox-prefix ${role.inboxPrefix}
    {
      user: "${role.role}", password: $${role.role.toUpperCase()}_PASSWORD
${permissionsBlock(role)}
    }
`;

const permissionsBlock = ({publish, subscribe}: NodePermissions): string => `      permissions: {
        publish: { allow: [
${publish.map((subject) => `          "${subject}"`).join('\n')}
        ] }
        subscribe: { allow: [${subscribe.map((subject) => `"${subject}"`).join(', ')}] }
      }`;
