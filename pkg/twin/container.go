package twin

import (
	"net/url"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// containerDefaults are what a container gets that nobody asked for.
func containerDefaults(r *request) url.Values {
	v := url.Values{}
	for key, otherwise := range map[string]string{"arch": "amd64", "memory": "512", "swap": "512", "hostname": "CT" + r.text("vmid")} {
		if !r.has(key) {
			v.Set(key, otherwise)
		}
	}
	if !r.has("ostype") {
		_, file := splitVolume(r.text("ostemplate"))
		name, _, _ := strings.Cut(strings.TrimPrefix(file, "vztmpl/"), "-")
		v.Set("ostype", orElse(name, "unmanaged"))
	}
	return v
}

// createContainer answers POST /nodes/N/lxc.
func (c *Cluster) createContainer(r *request) (any, error) {
	if r.flag("restore") {
		return nil, notImplemented("POST", r.endpoint.Path+" with restore")
	}
	if err := checkSlots(pve.KindContainer, r.values); err != nil {
		return nil, err
	}
	if err := checkFeatures(r, "", r.flag("unprivileged")); err != nil {
		return nil, err
	}
	if err := c.available(r, r.vmid(), "CT"); err != nil {
		return nil, err
	}
	image, ok := c.volumeOn(r.node(), r.text("ostemplate"))
	if !ok || image.content != "vztmpl" {
		return nil, die("unable to create CT %d: volume '%s' does not exist", r.vmid(), r.text("ostemplate"))
	}
	g := c.newGuest(r, r.vmid(), pve.KindContainer, r.node())
	g.lock = "create"
	return c.begin(r, g.node, "vzcreate", strconv.Itoa(g.id), func() error {
		g.lock = ""
		for key, all := range containerDefaults(r) {
			g.conf[key] = all[0]
		}
		if !r.has("rootfs") {
			if err := c.setDisk(g, "rootfs", orElse(r.text("storage"), "local")+":4"); err != nil {
				return err
			}
		}
		if err := c.apply(r, g); err != nil {
			return err
		}
		if r.flag("start") {
			if err := c.canStart(g); err != nil {
				return err
			}
			c.powerOn(g)
		}
		return nil
	}, func() { c.remove(g) }), nil
}

func (c *Cluster) updateContainer(r *request) (any, error) {
	g, err := c.claim(r, pve.KindContainer)
	if err != nil {
		return nil, err
	}
	if err := c.checkChange(r, g); err != nil {
		return nil, err
	}
	conf := c.effective(g)
	if err := checkFeatures(r, conf["features"], conf["unprivileged"] == "1"); err != nil {
		return nil, err
	}
	return nil, c.apply(r, g)
}
