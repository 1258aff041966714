import { describeEncoderAsInPython } from '../testing/encoders.ts'

describeEncoderAsInPython('bert')
