package pve

import (
	"context"
	"fmt"
	"slices"
)

// maskedPassword is what Proxmox VE shows of a cloud-init password: that there is one.
const maskedPassword = "**********"

// WithConfigs returns a copy of the snapshot in which these guests have their whole configuration, read with one GET each.
// The snapshot itself, which others may share, is not changed. A guest that the snapshot does not have, or whose node is
// not online, is not asked for; one that cannot be read is named in Unknown. The error is that of a reader that is not let
// in any more, or of ctx.
func (r *Reader) WithConfigs(ctx context.Context, s *Snapshot, vmids []int) (*Snapshot, error) {
	out := *s
	out.Guests, out.Unknown = slices.Clone(s.Guests), slices.Clone(s.Unknown)
	reading := &part{r: r, base: s, snap: &out}
	for i, g := range s.Guests {
		if node, _ := s.Node(g.Node); !slices.Contains(vmids, g.VMID) || !node.Online() {
			continue
		}
		reading.run(fmt.Sprintf("configuration of guest %d", g.VMID), func() error {
			lines, err := r.guestLines(ctx, g.Node, g.Kind, g.VMID)
			if err != nil {
				return err
			}
			config := wholeConfig(g.Kind, lines)
			reading.with(func(snap *Snapshot) { snap.Guests[i].Config = config })
			return nil
		})
	}
	reading.tasks.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read configurations: %w", context.Cause(ctx))
	case reading.fatal != nil:
		return nil, fmt.Errorf("read configurations: %w", reading.fatal)
	}
	out.arrange()
	return &out, nil
}

// wholeConfig is a configuration with its lines.
func wholeConfig(kind GuestKind, lines map[string]text) *GuestConfig {
	config := machineConfig
	if kind == KindContainer {
		config = containerConfig
	}
	c := config(lines)
	c.Lines = make(map[string]string, len(lines))
	for key, value := range lines {
		switch key {
		case "digest": // of the file, not of the guest
		case "cipassword":
			c.Lines[key] = maskedPassword
		default:
			c.Lines[key] = string(value)
		}
	}
	return c
}
