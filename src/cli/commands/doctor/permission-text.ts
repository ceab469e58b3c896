import type {NodePermissions, RolePermissions} from '../../../cluster/permissions.js';

/** Users for the configuration of nats-server; their passwords are variables of its environment. */
export function permissionText(nodes: NodePermissions, roles: readonly RolePermissions[]): string {
  return `# NATS users for gates, modules and operators of gatectl, for the configuration of nats-server.
#
# nodes: gates and modules. A node refuses to answer anywhere but on inboxes, and NATS keeps it to these subjects. What is
# left: a process with this password may call every function of every node, answer in another node's name, and read what
# passes between nodes.
# - Records in JetStream (gate run --store jetstream://<bucket>) need "gatectl doctor --permissions --bucket <bucket>".
# - Operators under another --inbox-prefix need that prefix here and in "gate run --reply-inboxes".
# - mqant nodes in Go connect as nodes too.
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
