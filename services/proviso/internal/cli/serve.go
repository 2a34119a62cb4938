package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	gateway "proviso.dev/services/gateway/unit"
	"proviso.dev/services/proviso/internal/allinone"
)

// runServe runs everything until it is told to stop. Flags go before the environment.
func runServe(ctx context.Context, p Process, flags serveFlags) error {
	log, err := openLog(p)
	if err != nil {
		return err
	}
	tune(p.Getenv)
	lookup := lookupOf(p.Getenv)
	door := gateway.LoadConfig(lookup)
	if flags.Listen != "" {
		door.Address = flags.Listen
	}
	if flags.TokenFile != "" {
		door.TokenFile = flags.TokenFile
	}
	data, err := dataFolder(p, flags.Data)
	if err != nil {
		return err
	}
	if err := checkDoor(ctx, door); err != nil {
		return err
	}
	err = allinone.Run(ctx, allinone.Config{DataDir: data, Gateway: door, MetricsAddr: flags.Metrics, Lookup: lookup, Log: log})
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop, and stopped
	}
	return err
}

// checkDoor finds what would keep the gateway from listening. Later its supervisor would try again and again, which is right
// for a service that lost its port and wrong for a person who just typed a command.
func checkDoor(ctx context.Context, door gateway.Config) error {
	_, err := gateway.New(door)
	switch {
	case errors.Is(err, gateway.ErrOpenToNetwork):
		return &allinone.ConfigError{Key: "open_to_network", Args: []any{"address", door.Address}, Err: err}
	case errors.Is(err, gateway.ErrTokenFile):
		return &allinone.ConfigError{Key: "token_file", Args: []any{"file", door.TokenFile}, Err: err}
	case err != nil:
		return err
	}
	address := cmp.Or(door.Address, gateway.DefaultAddress)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return &listenError{address: address, err: err}
	}
	return listener.Close()
}

// listenError is returned when an address cannot be listened on.
type listenError struct {
	address string
	err     error
}

func (e *listenError) Error() string { return "listen on " + e.address + ": " + e.err.Error() }
func (e *listenError) Unwrap() error { return e.err }

// dataFolder is where `serve` keeps its streams: --data, else the user's folder for state.
func dataFolder(p Process, flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	return stateFolder(p)
}

// stateFolder is the user's folder for what Proviso keeps.
func stateFolder(p Process) (string, error) {
	if state := p.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "proviso"), nil
	}
	home := p.Getenv("HOME")
	if home == "" {
		var err error
		if home, err = os.UserHomeDir(); err != nil {
			return "", fmt.Errorf("find home folder: %w", err)
		}
	}
	return filepath.Join(home, ".local", "state", "proviso"), nil
}
