package understand

// The size of a machine whose role, template and words say nothing.
const (
	plainCores     = 2
	plainMemoryMiB = 2048
	// imageDiskMiB is the boot disk of a machine made from an image: cloud images are small and grow at first boot.
	imageDiskMiB = 32 * 1024
)

// assumeCores fills in the cores: by role, else as the template has them.
func (gr *grounder) assumeCores() {
	g := gr.g
	if g.Cores.Has() || gr.asked(fieldCores) {
		return
	}
	if g.container() {
		gr.containerCores()
		return
	}
	sockets := max(g.Sockets.V, 1)
	if p, ok := roleOf(g.Role.V); ok {
		g.Cores.assume(max(1, p.cores/sockets), Assumed, gr.say("reason.size_role", "role", roleText(gr.lang, g.Role.V)))
		return
	}
	if gr.src.template != nil {
		if cores, _ := templateSize(gr.src.template); cores > 0 {
			g.Cores.assume(cores, Assumed, gr.say("reason.size_template", "name", quoteText(gr.src.template.Name)))
			return
		}
	}
	g.Cores.assume(plainCores, Assumed, gr.say("reason.size_plain"))
}

// assumeMemory fills in the memory in the same way.
func (gr *grounder) assumeMemory() {
	g := gr.g
	if g.MemoryMiB.Has() || gr.asked(fieldMemory) {
		return
	}
	if g.container() {
		gr.containerMemory()
		return
	}
	if p, ok := roleOf(g.Role.V); ok {
		g.MemoryMiB.assume(p.memoryMiB, Assumed, gr.say("reason.size_role", "role", roleText(gr.lang, g.Role.V)))
		return
	}
	if gr.src.template != nil {
		if _, memory := templateSize(gr.src.template); memory >= memoryLeast {
			g.MemoryMiB.assume(memory, Assumed, gr.say("reason.size_template", "name", quoteText(gr.src.template.Name)))
			return
		}
	}
	g.MemoryMiB.assume(plainMemoryMiB, Assumed, gr.say("reason.size_plain"))
}

// assumeDisk fills in the size of the boot disk: the template's own, so that nothing has to be resized.
func (gr *grounder) assumeDisk(d *Disk) {
	if d.MiB.Has() || gr.asked(fieldDisk) {
		return
	}
	if gr.g.container() {
		gr.containerDisk(d)
		return
	}
	switch {
	case gr.src.template != nil:
		size := templateDisk(gr.src.template)
		if size == 0 {
			return // its node is offline: the clone takes what the template has
		}
		d.MiB.assume(size, Assumed, gr.say("reason.disk_template", "name", quoteText(gr.src.template.Name)))
	case gr.g.Source.Has():
		size := imageDiskMiB
		if gr.src.image != nil {
			size = max(size, gibibytes(int(gr.src.image.SizeBytes>>20)+1)*1024)
		}
		d.MiB.assume(size, Assumed, gr.say("reason.disk_image"))
	}
}
