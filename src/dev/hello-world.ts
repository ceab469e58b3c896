import type {Handlers, MessageBody} from '../module/handler-types.js';
import type {RemoteSession} from '../module/remote-session.js';

/** The demo module, named as in mqant's tutorial. Its functions show what a module can do with a session. */
export const helloWorldHandlers: Handlers = {
  /** `{name}`: returns a greeting, and sends a message to the client. */
  async HD_say(session, body) {
    const name = textOf(body, 'name');
    await session.send('/gate/send/test', `send hi to ${name}`);
    return `hi ${name}, you are on ${session.serverId}`;
  },

  /** `{uid}`: binds the session to the user. */
  async HD_login(session, body) {
    await session.bind(textOf(body, 'uid'));
    await session.setPush('level', session.load('level') ?? '1');
    return `welcome ${session.userId}`;
  },

  /** `{room}`: joins a room. */
  async HD_room(session, body) {
    await session.setPush('roomName', textOf(body, 'room'));
    return {room: session.get('roomName')};
  },

  /** `{level}`: sets the player's level. */
  async HD_level(session, body) {
    await session.set('level', textOf(body, 'level'));
    return {level: session.get('level')};
  },

  /** Returns the client's own session. */
  async HD_whoami(session) {
    await session.update();
    return describe(session);
  },

  /** Leaves the room. The user stays bound. */
  async HD_leave(session) {
    await session.remove('roomName');
    return 'left';
  },

  async HD_logout(session) {
    await session.unbind();
    return 'bye';
  },
};

function describe(session: RemoteSession): object {
  const {sessionId, serverId, userId, network, ip, settings} = session;
  const serialized = Buffer.from(session.serialize()).toString('hex');
  return {sessionId, serverId, userId, network, ip, guest: session.isGuest(), settings, serialized};
}

function textOf(body: MessageBody, key: string): string {
  const value = body instanceof Uint8Array ? undefined : body[key];
  if (typeof value !== 'string' || value === '')
    throw new Error(`the body must be JSON with a string "${key}"`);
  return value;
}
