import type {RolePermissions} from '../cluster/permissions.js';

/** Users for the configuration of nats-server; their passwords are variables of its environment. */
export function permissionText(roles: readonly RolePermissions[]): string {
  return `# Operators of gatectl by what they may do, for the configuration of nats-server.
# Gates and modules need a user of their own that may do everything.
authorization {
  users: [
    { user: "nodes", password: $NODES_PASSWORD }
${roles.map(userText).join('')}  ]
}
`;
}

const userText = ({role, about, inboxPrefix, publish, subscribe}: RolePermissions): string => `
    # ${role}: ${about}
    # gatectl context add ${role} --user ${role} --password-file … --inbox-prefix ${inboxPrefix}
    {
      user: "${role}", password: $${role.toUpperCase()}_PASSWORD
      permissions: {
        publish: { allow: [
${publish.map((subject) => `          "${subject}"`).join('\n')}
        ] }
        subscribe: { allow: [${subscribe.map((subject) => `"${subject}"`).join(', ')}] }
      }
    }
`;
