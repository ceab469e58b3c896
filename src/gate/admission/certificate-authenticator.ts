import {type Authenticator, refused} from './admission.js';

export interface CertificateOptions {
  /** `commonName` binds the session to the common name of the certificate. */
  readonly userId?: 'commonName' | undefined;
}

/** Admits clients whose certificate the listener's authority signed. */
export const certificateAuthenticator = ({userId}: CertificateOptions): Authenticator => ({
  reload: async () => {},
  authenticate: ({certificate}) => {
    if (certificate === undefined) return refused('notAuthorized');
    if (userId === undefined) return {allow: true};
    const {commonName} = certificate;
    return commonName === undefined ? refused('notAuthorized') : {allow: true, userId: commonName};
  },
});
