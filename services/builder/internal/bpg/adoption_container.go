package bpg

func (l layout) adoptedContainer(b block, a adopted) {}
