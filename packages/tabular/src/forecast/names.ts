export type BaselineCandidate = 'naive' | 'seasonal naive' | 'ETS' | 'theta'
export type NetworkCandidate = 'N-HiTS' | 'TiDE' | 'patch transformer' | 'DeepAR'

/** What models of series are called. */
export type CandidateName = BaselineCandidate | NetworkCandidate
