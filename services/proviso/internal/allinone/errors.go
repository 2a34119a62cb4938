package allinone

import "errors"

// ErrLocked is returned when another process uses the data folder.
var ErrLocked = errors.New("data folder is in use by another process")

// ConfigError is a mistake in the configuration. Key names its sentence in the command line's catalogue, under "cli.config.".
type ConfigError struct {
	Key  string
	Args []any // placeholders of the sentence
	Err  error // what found it; may be nil
}

// Error is for logs; users are shown the sentence.
func (e *ConfigError) Error() string {
	if e.Err != nil {
		return "configuration: " + e.Key + ": " + e.Err.Error()
	}
	return "configuration: " + e.Key
}

// Unwrap gives what found the mistake.
func (e *ConfigError) Unwrap() error { return e.Err }
