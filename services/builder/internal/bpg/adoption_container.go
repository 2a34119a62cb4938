package bpg

import (
	"slices"
	"strings"

	"proviso.dev/services/builder/internal/lines"
)

// adoptedContainer writes a container that exists with everything that is set on it; see adoptedMachine for what is left out.
// The provider reads neither the template that a container was made from nor its pool, and would make it anew for either.
func (l layout) adoptedContainer(b block, a adopted) {
	c := a.plan.GetContainer()
	config := c.GetConfig()
	f, left := lines.Container(config), lines.LeftOutOfContainer(config)
	ignored := lines.Ignored(left)
	typ, label := a.resource()
	r := b.block("resource", typ, label)
	l.adoptedHead(r, a)
	r.gap()
	r.flag("started", c.GetRunning())
	r.flag("start_on_boot", f["onboot"] == "1")
	r.flag("unprivileged", f["unprivileged"] == "1")
	r.flagUnless("protection", f["protection"], "0")
	r.textUnless("hook_script_file_id", f["hookscript"], "")
	w := adoptedWriter{r, config, f, a}
	w.containerResources(ignored)
	w.containerFeatures()
	w.containerNetwork(ignored)
	if c.GetPool() != "" {
		left = append(left, lines.Pool)
	}
	guard(r, left, lines.Unread...)
}

func (w adoptedWriter) containerResources(ignored []string) {
	c := w.r.block("console") // read even when all of it is default
	c.flag("enabled", w.f["console"] == "1")
	c.text("type", w.f["cmode"])
	c.numeral("tty_count", w.f["tty"])
	if w.f["cores"] != "1" || w.f["cpulimit"] != "0" || w.f["cpuunits"] != "0" || w.f["arch"] != "amd64" || w.changes("cores") {
		c := w.r.block("cpu")
		c.numeral("cores", w.f["cores"])
		c.unless("limit", w.f["cpulimit"], "0")
		c.unless("units", w.f["cpuunits"], "0")
		c.textUnless("architecture", w.f["arch"], "amd64")
	}
	if slices.Contains(ignored, "memory") {
		// Neither memory nor swap is written.
	} else if w.f["memory"] != "512" || w.f["swap"] != "0" || w.changes("memory") {
		c := w.r.block("memory")
		c.numeral("dedicated", w.f["memory"])
		c.numeral("swap", w.f["swap"])
	}
	if w.config["rootfs"] != "" {
		c := w.r.block("disk")
		c.text("datastore_id", w.f["rootfs.storage"])
		c.numeral("size", w.f["rootfs.size"])
		for _, option := range lines.RootOptions {
			c.flagUnless(option, w.f["rootfs."+option], "0")
		}
		if options := w.f["rootfs.mountoptions"]; options != "" {
			c.texts("mount_options", strings.Split(options, ";"))
		}
	}
	if w.config["startup"] != "" {
		c := w.r.block("startup")
		c.unless("order", w.f["startup.order"], "")
		c.unless("up_delay", w.f["startup.up"], "")
		c.unless("down_delay", w.f["startup.down"], "")
	}
}

func (w adoptedWriter) containerFeatures() {
	on := w.f["features.mount"] != ""
	for _, feature := range lines.FeatureOptions {
		on = on || w.f["features."+feature] == "1"
	}
	if !on {
		return
	}
	c := w.r.block("features")
	for _, feature := range lines.FeatureOptions {
		c.flagUnless(feature, w.f["features."+feature], "0")
	}
	if mount := w.f["features.mount"]; mount != "" {
		c.texts("mount", strings.Split(mount, ";"))
	}
}

func (w adoptedWriter) containerNetwork(ignored []string) {
	if slices.Contains(ignored, "network_interface") {
		return
	}
	i := w.r.block("initialization")
	i.textUnless("hostname", w.f["hostname"], "")
	if w.f["nameserver"] != "" || w.f["searchdomain"] != "" {
		d := i.block("dns")
		if servers := w.f["nameserver"]; servers != "" {
			d.texts("servers", strings.Split(servers, " "))
		}
		d.textUnless("domain", w.f["searchdomain"], "")
	}
	for _, key := range lines.Addressed(w.f, w.config) {
		ip := i.block("ip_config")
		for _, family := range []struct{ name, address, gateway string }{{"ipv4", "ip", "gw"}, {"ipv6", "ip6", "gw6"}} {
			address, gateway := w.f[key+"."+family.address], w.f[key+"."+family.gateway]
			if address == "" && gateway == "" {
				continue
			}
			v := ip.block(family.name)
			v.textUnless("address", address, "")
			v.textUnless("gateway", gateway, "")
		}
	}
	for _, key := range lines.Indexed(w.config, "net") {
		is := func(option string) string { return w.f[key+"."+option] }
		c := w.r.block("network_interface")
		c.text("name", is("name"))
		c.text("bridge", is("bridge"))
		c.textUnless("mac_address", is("mac"), "")
		c.unless("vlan_id", is("tag"), "0")
		c.flagUnless("firewall", is("firewall"), "0")
		c.flagUnless("host_managed", is("host-managed"), "0")
		c.unless("mtu", is("mtu"), "0")
		c.unless("rate_limit", is("rate"), "0")
	}
}
