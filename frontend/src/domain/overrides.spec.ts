import { describe, expect, it } from 'vitest'
import { parseOverrides, shellLine } from './overrides'

describe('overrides of a rerun', () => {
  it('become arguments as the agent writes them', () => {
    const cases: [string, string][] = [
      ['lr=0.01', 'lr=0.01'],
      ['+trainer.epochs=3', '+trainer.epochs=3'],
      ['name=large', 'name=large'],
      ['name=a b; rm -rf /', "name='a b; rm -rf /'"],
      ["name=it's", "name='it\\'s'"],
      ['name="tail\\\\"', "name='tail\\\\'"],
      ['flag="true"', "flag='true'"],
      ['n="1"', "n='1'"],
      ['n=""', "n=''"],
      ['x=null', 'x=null'],
      ['layers=[1,"a b",true]', "layers=[1,'a b',true]"],
      ['path=/data/set-1', 'path=/data/set-1'],
    ]
    for (const [line, argument] of cases) expect(parseOverrides(line).args, line).toEqual([argument])
  })

  it('keep the types people mean', () => {
    const { values } = parseOverrides('a=1\nb=true\nc=text\nd=[1,2]\n\n# a remark\ne = 1e-3')
    expect(values).toEqual({ a: 1, b: true, c: 'text', d: [1, 2], e: 0.001 })
  })

  it('name the lines no agent takes', () => {
    const { problems, args } = parseOverrides('--config-dir=/etc\nlr\nx=${oc.env:HOME}\nx={"_target_": "os.system"}\na=1\na=2')
    expect(problems.map(({ line, why }) => [line, why])).toEqual([[1, 'key'], [2, 'form'], [3, 'value'], [4, 'value'], [6, 'twice']])
    expect(args).toEqual(['a=1'])
  })

  it('are shown so that a shell reads the same words', () => {
    expect(shellLine(['python', 'train.py', "name='a b'"])).toBe("python train.py 'name='\\''a b'\\'''")
  })
})
