package lines

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
)

// ContainerNICOptions are the options of a container's network device that the dialect has, with what their absence means.
var ContainerNICOptions = map[string]string{
	"name": "", "bridge": "", "firewall": "0", "mtu": "0", "rate": "0", "tag": "0", "host-managed": "0", "ip": "", "gw": "", "ip6": "", "gw6": "",
}

// FeatureOptions are the features of a container that the dialect has.
var FeatureOptions = []string{"nesting", "keyctl", "fuse", "mknod"}

// RootOptions are the options of a root disk that the dialect has.
var RootOptions = []string{"acl", "quota", "replicate"}

// Unread are arguments of a container that the provider does not read when it imports one, so that it would plan to set them.
var Unread = []string{"timeout_clone", "timeout_create", "timeout_delete", "timeout_start", "timeout_update", "vm_id"}

// Container reads the fields of a container.
func Container(config map[string]string) Fields {
	f := Fields{}
	f.put("hostname", config["hostname"])
	f.put("description", strings.TrimSpace(config["description"]))
	f.put("tags", Tags(config["tags"]))
	for key, absent := range map[string]string{"onboot": "0", "protection": "0", "unprivileged": "0", "console": "1"} {
		f[key] = yes(cmp.Or(config[key], absent))
	}
	// Without memory and swap the provider reads 0, without cores 1; none of that is written anywhere.
	for key, absent := range map[string]string{
		"cores": "1", "cpulimit": "0", "cpuunits": "0", "arch": "amd64", "memory": "0", "swap": "0", "cmode": "tty", "tty": "2", "hookscript": "",
		"nameserver": "", "searchdomain": "",
	} {
		f.put(key, cmp.Or(config[key], absent))
	}
	startup := pve.ParseProperty(config["startup"], "order")
	for _, option := range []string{"order", "up", "down"} {
		f.put("startup."+option, startup.Get(option))
	}
	features := pve.ParseProperty(config["features"], "")
	for _, option := range FeatureOptions {
		f["features."+option] = yes(features.Get(option))
	}
	f.put("features.mount", features.Get("mount"))
	if line := config["rootfs"]; line != "" {
		disk := pve.ParseProperty(line, "volume")
		storage, _ := Volume(disk.Get("volume"))
		f["rootfs.storage"], f["rootfs.size"] = storage, strconv.Itoa(int(pve.ParseSize(disk.Get("size"))>>30))
		for _, option := range RootOptions {
			f["rootfs."+option] = yes(disk.Get(option))
		}
		f.put("rootfs.mountoptions", disk.Get("mountoptions"))
	}
	for _, key := range Indexed(config, "net") {
		nic := pve.ParseProperty(config[key], "name")
		f.options(key, nic, ContainerNICOptions)
		f.put(key+".mac", strings.ToUpper(nic.Get("hwaddr")))
	}
	return f
}

var containerWritten = []string{
	"hostname", "description", "tags", "onboot", "protection", "unprivileged", "console", "cores", "cpulimit", "cpuunits", "arch", "memory", "swap", "cmode",
	"tty", "hookscript", "nameserver", "searchdomain", "startup",
}

// LeftOutOfContainer lists what of a container's configuration the manifest does not hold, in order of the lines. What the
// template of a container was cannot be read, and a mount point that differs would make the container anew.
func LeftOutOfContainer(config map[string]string) []Left {
	out := leftList{config: config}
	add, options := out.add, out.options
	for _, key := range slices.SortedFunc(maps.Keys(config), pve.CompareSlots) {
		switch {
		case slices.Contains(own, key), key == "lxc" && config[key] == "":
		case key == "description" && redact.Redacted(config[key]):
			add(key, "", Secret, "description")
		case key == "ostype":
			add(key, "", Unwritten, "operating_system")
		case key == "rootfs":
			options(key, "volume", append(slices.Clone(RootOptions), "volume", "size", "mountoptions")...)
		case key == "features":
			options(key, "", append(slices.Clone(FeatureOptions), "mount")...)
		case indexed(key, "net"):
			options(key, "name", append(slices.Collect(maps.Keys(ContainerNICOptions)), "hwaddr", "type")...)
		case indexed(key, "mp"):
			add(key, "", Unwritten, "mount_point")
		case indexed(key, "dev"):
			add(key, "", Unwritten, "device_passthrough")
		case key == "env":
			add(key, "", Unwritten, "environment_variables")
		case slices.Contains(containerWritten, key):
		default:
			add(key, "", NoArgument, "")
		}
	}
	for key, argument := range map[string]string{"ostype": "operating_system", "memory": "memory"} {
		if config[key] == "" {
			add(key, "", Unwritten, argument)
		}
	}
	if keys := Indexed(config, "net"); !Contiguous(keys, "net") {
		add(keys[0], "", Unwritten, "network_interface")
		add(keys[0], "", Unwritten, "initialization")
	}
	return out.sorted()
}

// Addressed lists the network devices of a container that have an address, in order.
func Addressed(f Fields, config map[string]string) []string {
	return slices.DeleteFunc(Indexed(config, "net"), func(key string) bool {
		return f[key+".ip"] == "" && f[key+".gw"] == "" && f[key+".ip6"] == "" && f[key+".gw6"] == ""
	})
}
