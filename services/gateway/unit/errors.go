package gateway

import "errors"

var (
	// ErrOpenToNetwork is returned when the address to listen on is not a loopback address and no token file is given:
	// everybody who reaches the network would then be let in.
	ErrOpenToNetwork = errors.New("listening beyond loopback needs a token file")

	// ErrTokenFile is returned when the token file holds no token, or one that is too short to be a secret.
	ErrTokenFile = errors.New("token file is not usable")

	// errRunUnknown is returned when no run of that id is stored or was accepted here.
	errRunUnknown = errors.New("run unknown")

	// errWatchEnded is returned when the watch over all runs ends although nobody stopped it.
	errWatchEnded = errors.New("watch over runs ended")
)
