import {type Authenticator, refusedAdmission} from './admission.js';

export interface CertificateOptions {
  /** `commonName` binds the session to the certificate's common name. */
  readonly userId?: 'commonName' | undefined;
}

/** Admits clients with a certificate that the listener's authority has signed. */
export const certificateAuthenticator = ({userId}: CertificateOptions): Authenticator => ({
  reload: async () => {},
  authenticate: ({certificate}) => {
    if (certificate === undefined) return refusedAdmission('notAuthorized');
    if (userId === undefined) return {allow: true};
    const {commonName} = certificate;
    return commonName === undefined ? refusedAdmission('notAuthorized') : {allow: true, userId: commonName};
  },
});
