import {createHash} from 'node:crypto';
import {nkeys} from 'nats';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const base64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');

/** A JWT as NATS has them (ADR-14): `claims` about a subject, signed by an nkey. */
function signed(by: KeyPair, subject: KeyPair, name: string, nats: object, expiresAt?: number): string {
  const claims = {
    iat: Math.floor(Date.now() / 1000),
    iss: by.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    ...(expiresAt === undefined ? {} : {exp: Math.floor(expiresAt / 1000)}),
    nats: {version: 2, ...nats},
  };
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex');
  const body = `${base64('{"typ":"JWT","alg":"ed25519-nkey"}')}.${base64(JSON.stringify({...claims, jti}))}`;
  return `${body}.${base64(by.sign(Buffer.from(body)))}`;
}

const unlimited = {subs: -1, data: -1, payload: -1};

/** An operator with one account: what a server has to know, and users of it. */
export class JwtOperator {
  private readonly operator = nkeys.createOperator();
  private readonly account = nkeys.createAccount();

  /** For the configuration of nats-server: accounts in memory. */
  get conf(): string {
    const operator = signed(this.operator, this.operator, 'O', {type: 'operator'});
    const limits = {...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1};
    const account = signed(this.operator, this.account, 'A', {type: 'account', limits});
    return `operator: "${operator}"\nresolver: MEMORY\nresolver_preload: { ${this.account.getPublicKey()}: "${account}" }`;
  }

  /** JWT, seed, and the credentials file of both. */
  user(expiresAt?: number): {readonly jwt: string; readonly seed: string; readonly creds: string} {
    const pair = nkeys.createUser();
    const jwt = signed(this.account, pair, 'U', {type: 'user', ...unlimited}, expiresAt);
    const seed = Buffer.from(pair.getSeed()).toString();
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    return {jwt, seed, creds};
  }
}
