var _e=Symbol.for("RemoteUi::Retain"),fe=Symbol.for("RemoteUi::Release"),Wt=Symbol.for("RemoteUi::RetainedBy");function me(e){return!!(e&&e[_e]&&e[fe])}function K(e,{deep:t=!0}={}){return de(e,t,new Map)}function de(e,t,r){let n=r.get(e);if(n!=null)return n;let s=me(e);if(s&&e[_e](),r.set(e,s),t){if(Array.isArray(e)){let o=e.reduce((i,a)=>de(a,t,r)||i,s);return r.set(e,o),o}if(he(e)){let o=Object.keys(e).reduce((i,a)=>de(e[a],t,r)||i,s);return r.set(e,o),o}}return r.set(e,s),s}function J(e,{deep:t=!0}={}){return pe(e,t,new Map)}function pe(e,t,r){let n=r.get(e);if(n!=null)return n;let s=me(e);if(s&&e[fe](),r.set(e,s),t){if(Array.isArray(e)){let o=e.reduce((i,a)=>pe(a,t,r)||i,s);return r.set(e,o),o}if(he(e)){let o=Object.keys(e).reduce((i,a)=>pe(e[a],t,r)||i,s);return r.set(e,o),o}}return s}function he(e){if(e==null||typeof e!="object")return!1;let t=Object.getPrototypeOf(e);return t==null||t===Object.prototype}function Be(e){return e!=null&&e.kind===3}var F=Symbol("RootId");function Ve({mount:e,insertChild:t,removeChild:r,updateProps:n,updateText:s}){let o=new Map([[0,e],[2,r],[1,t],[4,n],[3,s]]);return(i,...a)=>o.get(i)(...a)}function Q(){let e=new Set,t=new Map,r=new Map,n=null,s="unmounted",o={id:F,kind:0,children:[],version:0},i=new Map([[F,o]]),a=Ve({mount:u=>{let m=i.get(F),d=u.map(p=>Y(p,ge));m.version+=1,m.children=d,s="mounted";for(let p of d)K(p),c(p);f(m).then(()=>{l("mount")})},insertChild:(u,m,d,p)=>{let h=i.get(u??F),{children:y}=h,x,E;if(u===p?x=h:p!==!1&&(x=i.get(p??F)),x){let R=d.id,N=x.children,S=N.findIndex(C=>C.id===R),[U]=N.splice(S,1);E=U,u!==p&&(x.version+=1,f(x))}else E=Y(d,ge),K(E),c(E);m===y.length?y.push(E):y.splice(m,0,E),h.version+=1,f(h)},removeChild:(u,m)=>{let d=i.get(u??F),{children:p}=d,[h]=p.splice(m,1);h&&(d.version+=1,g(h),f(d).then(()=>{J(h)}))},updateProps:(u,m)=>{let d=i.get(u),p={...d.props};K(m),Object.keys(m).forEach(h=>{let y=m[h],x=p[h];if(z(x)&&g(x),ee(y)){let E=Y(y,ge);c(E)}}),Object.assign(d.props,m),d.version+=1,f(d).then(()=>{for(let h of Object.keys(m))J(p[h])})},updateText:(u,m)=>{let d=i.get(u);d.text=m,d.version+=1,f(d)}});return{get state(){return s},receive:a,attached:{root:o,get({id:u}){var m;return(m=i.get(u))!==null&&m!==void 0?m:null},subscribe({id:u},m){let d=r.get(u);return d==null&&(d=new Set,r.set(u,d)),d.add(m),()=>{let p=r.get(u);p&&(p.delete(m),p.size===0&&r.delete(u))}}},flush:_,on(u,m){let d=t.get(u);return d==null&&(d=new Set,t.set(u,d)),d.add(m),()=>{let p=t.get(u);p&&(p.delete(m),p.size===0&&t.delete(u))}}};function _(){var u;return(u=n)!==null&&u!==void 0?u:Promise.resolve()}function l(u){let m=t.get(u);if(m)for(let d of m)d()}function f(u){var m;return n=(m=n)!==null&&m!==void 0?m:new Promise(d=>{setTimeout(()=>{let p=[...e];n=null,e.clear();for(let h of p){let y=r.get(h.id);if(y)for(let x of y)x(h)}d()},0)}),e.add(u),n}function c(u){if(i.set(u.id,u),u.kind===1&&"props"in u){let{props:m={}}=u;Object.keys(m).forEach(d=>{let p=m[d];z(p)&&c(p)})}if("children"in u)for(let m of u.children)c(m)}function g(u){if(i.delete(u.id),u.kind===1&&"props"in u){let{props:m={}}=u;Object.keys(m).forEach(d=>{let p=m[d];z(p)&&g(p)})}if("children"in u)for(let m of u.children)g(m)}}function ge(e){return e.version=0,e}function Y(e,t){if((e.kind===3||e.kind===1)&&e.children.forEach(r=>Y(r,t)),e.kind===1&&"props"in e){let{props:r}=e;for(let n of Object.keys(r)){let s=r[n];ee(s)&&(r[n]=Y(s,t))}}return t(e)}function ee(e){return Be(e)&&"id"in e&&"children"in e}function z(e){return ee(e)&&"version"in e}var se,b,qe,Yt,A,$e,Xe,Ze,Ge,xe,ye,ve,qt,ne={},oe=[],Xt=/acit|ex(?:s|g|n|p|$)|rph|grid|ows|mnc|ntw|ine[ch]|zoo|^ord|itera/i,q=Array.isArray;function P(e,t){for(var r in t)e[r]=t[r];return e}function Ee(e){e&&e.parentNode&&e.parentNode.removeChild(e)}function M(e,t,r){var n,s,o,i={};for(o in t)o=="key"?n=t[o]:o=="ref"?s=t[o]:i[o]=t[o];if(arguments.length>2&&(i.children=arguments.length>3?se.call(arguments,2):r),typeof e=="function"&&e.defaultProps!=null)for(o in e.defaultProps)i[o]===void 0&&(i[o]=e.defaultProps[o]);return re(e,i,n,s,null)}function re(e,t,r,n,s){var o={type:e,props:t,key:r,ref:n,__k:null,__:null,__b:0,__e:null,__c:null,constructor:void 0,__v:s??++qe,__i:-1,__u:0};return s==null&&b.vnode!=null&&b.vnode(o),o}function T(e){return e.children}function O(e,t){this.props=e,this.context=t}function V(e,t){if(t==null)return e.__?V(e.__,e.__i+1):null;for(var r;t<e.__k.length;t++)if((r=e.__k[t])!=null&&r.__e!=null)return r.__e;return typeof e.type=="function"?V(e):null}function Zt(e){if(e.__P&&e.__d){var t=e.__v,r=t.__e,n=[],s=[],o=P({},t);o.__v=t.__v+1,b.vnode&&b.vnode(o),ke(e.__P,o,t,e.__n,e.__P.namespaceURI,32&t.__u?[r]:null,n,r??V(t),!!(32&t.__u),s),o.__v=t.__v,o.__.__k[o.__i]=o,tt(n,o,s),t.__e=t.__=null,o.__e!=r&&Je(o)}}function Je(e){if((e=e.__)!=null&&e.__c!=null)return e.__e=e.__c.base=null,e.__k.some(function(t){if(t!=null&&t.__e!=null)return e.__e=e.__c.base=t.__e}),Je(e)}function We(e){(!e.__d&&(e.__d=!0)&&A.push(e)&&!ie.__r++||$e!=b.debounceRendering)&&(($e=b.debounceRendering)||Xe)(ie)}function ie(){try{for(var e,t=1;A.length;)A.length>t&&A.sort(Ze),e=A.shift(),t=A.length,Zt(e)}finally{A.length=ie.__r=0}}function Qe(e,t,r,n,s,o,i,a,_,l,f){var c,g,u,m,d,p,h,y=n&&n.__k||oe,x=t.length;for(_=Gt(r,t,y,_,x),c=0;c<x;c++)(u=r.__k[c])!=null&&(g=u.__i!=-1&&y[u.__i]||ne,u.__i=c,p=ke(e,u,g,s,o,i,a,_,l,f),m=u.__e,u.ref&&g.ref!=u.ref&&(g.ref&&we(g.ref,null,u),f.push(u.ref,u.__c||m,u)),d==null&&m!=null&&(d=m),(h=!!(4&u.__u))||g.__k===u.__k?_=et(u,_,e,h):typeof u.type=="function"&&p!==void 0?_=p:m&&(_=m.nextSibling),u.__u&=-7);return r.__e=d,_}function Gt(e,t,r,n,s){var o,i,a,_,l,f=r.length,c=f,g=0;for(e.__k=new Array(s),o=0;o<s;o++)(i=t[o])!=null&&typeof i!="boolean"&&typeof i!="function"?(typeof i=="string"||typeof i=="number"||typeof i=="bigint"||i.constructor==String?i=e.__k[o]=re(null,i,null,null,null):q(i)?i=e.__k[o]=re(T,{children:i},null,null,null):i.constructor===void 0&&i.__b>0?i=e.__k[o]=re(i.type,i.props,i.key,i.ref?i.ref:null,i.__v):e.__k[o]=i,_=o+g,i.__=e,i.__b=e.__b+1,a=null,(l=i.__i=Jt(i,r,_,c))!=-1&&(c--,(a=r[l])&&(a.__u|=2)),a==null||a.__v==null?(l==-1&&(s>f?g--:s<f&&g++),typeof i.type!="function"&&(i.__u|=4)):l!=_&&(l==_-1?g--:l==_+1?g++:(l>_?g--:g++,i.__u|=4))):e.__k[o]=null;if(c)for(o=0;o<f;o++)(a=r[o])!=null&&(2&a.__u)==0&&(a.__e==n&&(n=V(a)),nt(a,a));return n}function et(e,t,r,n){var s,o;if(typeof e.type=="function"){for(s=e.__k,o=0;s&&o<s.length;o++)s[o]&&(s[o].__=e,t=et(s[o],t,r,n));return t}e.__e!=t&&(n&&(t&&e.type&&!t.parentNode&&(t=V(e)),r.insertBefore(e.__e,t||null)),t=e.__e);do t=t&&t.nextSibling;while(t!=null&&t.nodeType==8);return t}function I(e,t){return t=t||[],e==null||typeof e=="boolean"||(q(e)?e.some(function(r){I(r,t)}):t.push(e)),t}function Jt(e,t,r,n){var s,o,i,a=e.key,_=e.type,l=t[r],f=l!=null&&(2&l.__u)==0;if(l===null&&a==null||f&&a==l.key&&_==l.type)return r;if(n>(f?1:0)){for(s=r-1,o=r+1;s>=0||o<t.length;)if((l=t[i=s>=0?s--:o++])!=null&&(2&l.__u)==0&&a==l.key&&_==l.type)return i}return-1}function Ke(e,t,r){t[0]=="-"?e.setProperty(t,r??""):e[t]=r==null?"":typeof r!="number"||Xt.test(t)?r:r+"px"}function te(e,t,r,n,s){var o,i;e:if(t=="style")if(typeof r=="string")e.style.cssText=r;else{if(typeof n=="string"&&(e.style.cssText=n=""),n)for(t in n)r&&t in r||Ke(e.style,t,"");if(r)for(t in r)n&&r[t]==n[t]||Ke(e.style,t,r[t])}else if(t[0]=="o"&&t[1]=="n")o=t!=(t=t.replace(Ge,"$1")),i=t.toLowerCase(),t=i in e||t=="onFocusOut"||t=="onFocusIn"?i.slice(2):t.slice(2),e.l||(e.l={}),e.l[t+o]=r,r?n?r.u=n.u:(r.u=xe,e.addEventListener(t,o?ve:ye,o)):e.removeEventListener(t,o?ve:ye,o);else{if(s=="http://www.w3.org/2000/svg")t=t.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(t!="width"&&t!="height"&&t!="href"&&t!="list"&&t!="form"&&t!="tabIndex"&&t!="download"&&t!="rowSpan"&&t!="colSpan"&&t!="role"&&t!="popover"&&t in e)try{e[t]=r??"";break e}catch{}typeof r=="function"||(r==null||r===!1&&t[4]!="-"?e.removeAttribute(t):e.setAttribute(t,t=="popover"&&r==1?"":r))}}function Ye(e){return function(t){if(this.l){var r=this.l[t.type+e];if(t.t==null)t.t=xe++;else if(t.t<r.u)return;return r(b.event?b.event(t):t)}}}function ke(e,t,r,n,s,o,i,a,_,l){var f,c,g,u,m,d,p,h,y,x,E,R,N,S,U,C=t.type;if(t.constructor!==void 0)return null;128&r.__u&&(_=!!(32&r.__u),o=[a=t.__e=r.__e]),(f=b.__b)&&f(t);e:if(typeof C=="function")try{if(h=t.props,y=C.prototype&&C.prototype.render,x=(f=C.contextType)&&n[f.__c],E=f?x?x.props.value:f.__:n,r.__c?p=(c=t.__c=r.__c).__=c.__E:(y?t.__c=c=new C(h,E):(t.__c=c=new O(h,E),c.constructor=C,c.render=er),x&&x.sub(c),c.state||(c.state={}),c.__n=n,g=c.__d=!0,c.__h=[],c._sb=[]),y&&c.__s==null&&(c.__s=c.state),y&&C.getDerivedStateFromProps!=null&&(c.__s==c.state&&(c.__s=P({},c.__s)),P(c.__s,C.getDerivedStateFromProps(h,c.__s))),u=c.props,m=c.state,c.__v=t,g)y&&C.getDerivedStateFromProps==null&&c.componentWillMount!=null&&c.componentWillMount(),y&&c.componentDidMount!=null&&c.__h.push(c.componentDidMount);else{if(y&&C.getDerivedStateFromProps==null&&h!==u&&c.componentWillReceiveProps!=null&&c.componentWillReceiveProps(h,E),t.__v==r.__v||!c.__e&&c.shouldComponentUpdate!=null&&c.shouldComponentUpdate(h,c.__s,E)===!1){t.__v!=r.__v&&(c.props=h,c.state=c.__s,c.__d=!1),t.__e=r.__e,t.__k=r.__k,t.__k.some(function(H){H&&(H.__=t)}),oe.push.apply(c.__h,c._sb),c._sb=[],c.__h.length&&i.push(c);break e}c.componentWillUpdate!=null&&c.componentWillUpdate(h,c.__s,E),y&&c.componentDidUpdate!=null&&c.__h.push(function(){c.componentDidUpdate(u,m,d)})}if(c.context=E,c.props=h,c.__P=e,c.__e=!1,R=b.__r,N=0,y)c.state=c.__s,c.__d=!1,R&&R(t),f=c.render(c.props,c.state,c.context),oe.push.apply(c.__h,c._sb),c._sb=[];else do c.__d=!1,R&&R(t),f=c.render(c.props,c.state,c.context),c.state=c.__s;while(c.__d&&++N<25);c.state=c.__s,c.getChildContext!=null&&(n=P(P({},n),c.getChildContext())),y&&!g&&c.getSnapshotBeforeUpdate!=null&&(d=c.getSnapshotBeforeUpdate(u,m)),S=f!=null&&f.type===T&&f.key==null?rt(f.props.children):f,a=Qe(e,q(S)?S:[S],t,r,n,s,o,i,a,_,l),c.base=t.__e,t.__u&=-161,c.__h.length&&i.push(c),p&&(c.__E=c.__=null)}catch(H){if(t.__v=null,_||o!=null)if(H.then){for(t.__u|=_?160:128;a&&a.nodeType==8&&a.nextSibling;)a=a.nextSibling;o[o.indexOf(a)]=null,t.__e=a}else{for(U=o.length;U--;)Ee(o[U]);be(t)}else t.__e=r.__e,t.__k=r.__k,H.then||be(t);b.__e(H,t,r)}else o==null&&t.__v==r.__v?(t.__k=r.__k,t.__e=r.__e):a=t.__e=Qt(r.__e,t,r,n,s,o,i,_,l);return(f=b.diffed)&&f(t),128&t.__u?void 0:a}function be(e){e&&(e.__c&&(e.__c.__e=!0),e.__k&&e.__k.some(be))}function tt(e,t,r){for(var n=0;n<r.length;n++)we(r[n],r[++n],r[++n]);b.__c&&b.__c(t,e),e.some(function(s){try{e=s.__h,s.__h=[],e.some(function(o){o.call(s)})}catch(o){b.__e(o,s.__v)}})}function rt(e){return typeof e!="object"||e==null||e.__b>0?e:q(e)?e.map(rt):P({},e)}function Qt(e,t,r,n,s,o,i,a,_){var l,f,c,g,u,m,d,p=r.props||ne,h=t.props,y=t.type;if(y=="svg"?s="http://www.w3.org/2000/svg":y=="math"?s="http://www.w3.org/1998/Math/MathML":s||(s="http://www.w3.org/1999/xhtml"),o!=null){for(l=0;l<o.length;l++)if((u=o[l])&&"setAttribute"in u==!!y&&(y?u.localName==y:u.nodeType==3)){e=u,o[l]=null;break}}if(e==null){if(y==null)return document.createTextNode(h);e=document.createElementNS(s,y,h.is&&h),a&&(b.__m&&b.__m(t,o),a=!1),o=null}if(y==null)p===h||a&&e.data==h||(e.data=h);else{if(o=o&&se.call(e.childNodes),!a&&o!=null)for(p={},l=0;l<e.attributes.length;l++)p[(u=e.attributes[l]).name]=u.value;for(l in p)u=p[l],l=="dangerouslySetInnerHTML"?c=u:l=="children"||l in h||l=="value"&&"defaultValue"in h||l=="checked"&&"defaultChecked"in h||te(e,l,null,u,s);for(l in h)u=h[l],l=="children"?g=u:l=="dangerouslySetInnerHTML"?f=u:l=="value"?m=u:l=="checked"?d=u:a&&typeof u!="function"||p[l]===u||te(e,l,u,p[l],s);if(f)a||c&&(f.__html==c.__html||f.__html==e.innerHTML)||(e.innerHTML=f.__html),t.__k=[];else if(c&&(e.innerHTML=""),Qe(t.type=="template"?e.content:e,q(g)?g:[g],t,r,n,y=="foreignObject"?"http://www.w3.org/1999/xhtml":s,o,i,o?o[0]:r.__k&&V(r,0),a,_),o!=null)for(l=o.length;l--;)Ee(o[l]);a||(l="value",y=="progress"&&m==null?e.removeAttribute("value"):m!=null&&(m!==e[l]||y=="progress"&&!m||y=="option"&&m!=p[l])&&te(e,l,m,p[l],s),l="checked",d!=null&&d!=e[l]&&te(e,l,d,p[l],s))}return e}function we(e,t,r){try{if(typeof e=="function"){var n=typeof e.__u=="function";n&&e.__u(),n&&t==null||(e.__u=e(t))}else e.current=t}catch(s){b.__e(s,r)}}function nt(e,t,r){var n,s;if(b.unmount&&b.unmount(e),(n=e.ref)&&(n.current&&n.current!=e.__e||we(n,null,t)),(n=e.__c)!=null){if(n.componentWillUnmount)try{n.componentWillUnmount()}catch(o){b.__e(o,t)}n.base=n.__P=null}if(n=e.__k)for(s=0;s<n.length;s++)n[s]&&nt(n[s],t,r||typeof e.type!="function");r||Ee(e.__e),e.__c=e.__=e.__e=void 0}function er(e,t,r){return this.constructor(e,r)}function Re(e,t,r){var n,s,o,i;t==document&&(t=document.documentElement),b.__&&b.__(e,t),s=(n=typeof r=="function")?null:r&&r.__k||t.__k,o=[],i=[],ke(t,e=(!n&&r||t).__k=M(T,null,[e]),s||ne,ne,t.namespaceURI,!n&&r?[r]:s?null:t.firstChild?se.call(t.childNodes):null,o,!n&&r?r:s?s.__e:t.firstChild,n,i),tt(o,e,i)}se=oe.slice,b={__e:function(e,t,r,n){for(var s,o,i;t=t.__;)if((s=t.__c)&&!s.__)try{if((o=s.constructor)&&o.getDerivedStateFromError!=null&&(s.setState(o.getDerivedStateFromError(e)),i=s.__d),s.componentDidCatch!=null&&(s.componentDidCatch(e,n||{}),i=s.__d),i)return s.__E=s}catch(a){e=a}throw e}},qe=0,Yt=function(e){return e!=null&&e.constructor===void 0},O.prototype.setState=function(e,t){var r;r=this.__s!=null&&this.__s!=this.state?this.__s:this.__s=P({},this.state),typeof e=="function"&&(e=e(P({},r),this.props)),e&&P(r,e),e!=null&&this.__v&&(t&&this._sb.push(t),We(this))},O.prototype.forceUpdate=function(e){this.__v&&(this.__e=!0,e&&this.__h.push(e),We(this))},O.prototype.render=T,A=[],Xe=typeof Promise=="function"?Promise.prototype.then.bind(Promise.resolve()):setTimeout,Ze=function(e,t){return e.__v.__b-t.__v.__b},ie.__r=0,Ge=/(PointerCapture)$|Capture$/i,xe=0,ye=Ye(!1),ve=Ye(!0),qt=0;var X,w,Ne,ot,Te=0,ft=[],k=b,it=k.__b,st=k.__r,at=k.diffed,ct=k.__c,lt=k.unmount,ut=k.__;function Se(e,t){k.__h&&k.__h(w,e,Te||t),Te=0;var r=w.__H||(w.__H={__:[],__h:[]});return e>=r.__.length&&r.__.push({}),r.__[e]}function Oe(e){return Te=1,dt(mt,e)}function dt(e,t,r){var n=Se(X++,2);if(n.t=e,!n.__c&&(n.__=[r?r(t):mt(void 0,t),function(a){var _=n.__N?n.__N[0]:n.__[0],l=n.t(_,a);_!==l&&(n.__N=[l,n.__[1]],n.__c.setState({}))}],n.__c=w,!w.__f)){var s=function(a,_,l){if(!n.__c.__H)return!0;var f=n.__c.__H.__.filter(function(g){return g.__c});if(f.every(function(g){return!g.__N}))return!o||o.call(this,a,_,l);var c=n.__c.props!==a;return f.some(function(g){if(g.__N){var u=g.__[0];g.__=g.__N,g.__N=void 0,u!==g.__[0]&&(c=!0)}}),o&&o.call(this,a,_,l)||c};w.__f=!0;var o=w.shouldComponentUpdate,i=w.componentWillUpdate;w.componentWillUpdate=function(a,_,l){if(this.__e){var f=o;o=void 0,s(a,_,l),o=f}i&&i.call(this,a,_,l)},w.shouldComponentUpdate=s}return n.__N||n.__}function Ie(e,t){var r=Se(X++,3);!k.__s&&pt(r.__H,t)&&(r.__=e,r.u=t,w.__H.__h.push(r))}function Pe(e,t){var r=Se(X++,7);return pt(r.__H,t)&&(r.__=e(),r.__H=t,r.__h=e),r.__}function Ae(e,t){k.useDebugValue&&k.useDebugValue(t?t(e):e)}function tr(){for(var e;e=ft.shift();){var t=e.__H;if(e.__P&&t)try{t.__h.some(ae),t.__h.some(Ce),t.__h=[]}catch(r){t.__h=[],k.__e(r,e.__v)}}}k.__b=function(e){w=null,it&&it(e)},k.__=function(e,t){e&&t.__k&&t.__k.__m&&(e.__m=t.__k.__m),ut&&ut(e,t)},k.__r=function(e){st&&st(e),X=0;var t=(w=e.__c).__H;t&&(Ne===w?(t.__h=[],w.__h=[],t.__.some(function(r){r.__N&&(r.__=r.__N),r.u=r.__N=void 0})):(t.__h.some(ae),t.__h.some(Ce),t.__h=[],X=0)),Ne=w},k.diffed=function(e){at&&at(e);var t=e.__c;t&&t.__H&&(t.__H.__h.length&&(ft.push(t)!==1&&ot===k.requestAnimationFrame||((ot=k.requestAnimationFrame)||rr)(tr)),t.__H.__.some(function(r){r.u&&(r.__H=r.u),r.u=void 0})),Ne=w=null},k.__c=function(e,t){t.some(function(r){try{r.__h.some(ae),r.__h=r.__h.filter(function(n){return!n.__||Ce(n)})}catch(n){t.some(function(s){s.__h&&(s.__h=[])}),t=[],k.__e(n,r.__v)}}),ct&&ct(e,t)},k.unmount=function(e){lt&&lt(e);var t,r=e.__c;r&&r.__H&&(r.__H.__.some(function(n){try{ae(n)}catch(s){t=s}}),r.__H=void 0,t&&k.__e(t,r.__v))};var _t=typeof requestAnimationFrame=="function";function rr(e){var t,r=function(){clearTimeout(n),_t&&cancelAnimationFrame(t),setTimeout(e)},n=setTimeout(r,35);_t&&(t=requestAnimationFrame(r))}function ae(e){var t=w,r=e.__c;typeof r=="function"&&(e.__c=void 0,r()),w=t}function Ce(e){var t=w;e.__c=e.__(),w=t}function pt(e,t){return!e||e.length!==t.length||t.some(function(r,n){return r!==e[n]})}function mt(e,t){return typeof t=="function"?t(e):t}function ir(e,t){for(var r in t)e[r]=t[r];return e}function De(e,t){for(var r in e)if(r!=="__source"&&!(r in t))return!0;for(var n in t)if(n!=="__source"&&e[n]!==t[n])return!0;return!1}function ht(e,t){this.props=e,this.context=t}function j(e,t){function r(s){var o=this.props.ref;return o!=s.ref&&o&&(typeof o=="function"?o(null):o.current=null),t?!t(this.props,s)||o!=s.ref:De(this.props,s)}function n(s){return this.shouldComponentUpdate=r,M(e,s)}return n.displayName="Memo("+(e.displayName||e.name)+")",n.__f=n.prototype.isReactComponent=!0,n.type=e,n}(ht.prototype=new O).isPureReactComponent=!0,ht.prototype.shouldComponentUpdate=function(e,t){return De(this.props,e)||De(this.state,t)};var gt=b.__b;b.__b=function(e){e.type&&e.type.__f&&e.ref&&(e.props.ref=e.ref,e.ref=null),gt&&gt(e)};var pn=typeof Symbol<"u"&&Symbol.for&&Symbol.for("react.forward_ref")||3911;var yt=function(e,t){return e==null?null:I(I(e).map(t))},Rt={map:yt,forEach:yt,count:function(e){return e?I(e).length:0},only:function(e){var t=I(e);if(t.length!==1)throw"Children.only";return t[0]},toArray:I},sr=b.__e;b.__e=function(e,t,r,n){if(e.then){for(var s,o=t;o=o.__;)if((s=o.__c)&&s.__c)return t.__e==null&&(t.__e=r.__e,t.__k=r.__k),s.__c(e,t)}sr(e,t,r,n)};var vt=b.unmount;function Nt(e,t,r){return e&&(e.__c&&e.__c.__H&&(e.__c.__H.__.forEach(function(n){typeof n.__c=="function"&&n.__c()}),e.__c.__H=null),(e=ir({},e)).__c!=null&&(e.__c.__P===r&&(e.__c.__P=t),e.__c.__e=!0,e.__c=null),e.__k=e.__k&&e.__k.map(function(n){return Nt(n,t,r)})),e}function Tt(e,t,r){return e&&r&&(e.__v=null,e.__k=e.__k&&e.__k.map(function(n){return Tt(n,t,r)}),e.__c&&e.__c.__P===t&&(e.__e&&r.appendChild(e.__e),e.__c.__e=!0,e.__c.__P=r)),e}function Me(){this.__u=0,this.o=null,this.__b=null}function Ct(e){var t=e.__&&e.__.__c;return t&&t.__a&&t.__a(e)}function ce(){this.i=null,this.l=null}b.unmount=function(e){var t=e.__c;t&&(t.__z=!0),t&&t.__R&&t.__R(),t&&32&e.__u&&(e.type=null),vt&&vt(e)},(Me.prototype=new O).__c=function(e,t){var r=t.__c,n=this;n.o==null&&(n.o=[]),n.o.push(r);var s=Ct(n.__v),o=!1,i=function(){o||n.__z||(o=!0,r.__R=null,s?s(_):_())};r.__R=i;var a=r.__P;r.__P=null;var _=function(){if(!--n.__u){if(n.state.__a){var l=n.state.__a;n.__v.__k[0]=Tt(l,l.__c.__P,l.__c.__O)}var f;for(n.setState({__a:n.__b=null});f=n.o.pop();)f.__P=a,f.forceUpdate()}};n.__u++||32&t.__u||n.setState({__a:n.__b=n.__v.__k[0]}),e.then(i,i)},Me.prototype.componentWillUnmount=function(){this.o=[]},Me.prototype.render=function(e,t){if(this.__b){if(this.__v.__k){var r=document.createElement("div"),n=this.__v.__k[0].__c;this.__v.__k[0]=Nt(this.__b,r,n.__O=n.__P)}this.__b=null}var s=t.__a&&M(T,null,e.fallback);return s&&(s.__u&=-33),[M(T,null,t.__a?null:e.children),s]};var bt=function(e,t,r){if(++r[1]===r[0]&&e.l.delete(t),e.props.revealOrder&&(e.props.revealOrder[0]!=="t"||!e.l.size))for(r=e.i;r;){for(;r.length>3;)r.pop()();if(r[1]<r[0])break;e.i=r=r[2]}};(ce.prototype=new O).__a=function(e){var t=this,r=Ct(t.__v),n=t.l.get(e);return n[0]++,function(s){var o=function(){t.props.revealOrder?(n.push(s),bt(t,e,n)):s()};r?r(o):o()}},ce.prototype.render=function(e){this.i=null,this.l=new Map;var t=I(e.children);e.revealOrder&&e.revealOrder[0]==="b"&&t.reverse();for(var r=t.length;r--;)this.l.set(t[r],this.i=[1,0,this.i]);return e.children},ce.prototype.componentDidUpdate=ce.prototype.componentDidMount=function(){var e=this;this.l.forEach(function(t,r){bt(e,r,t)})};var ar=typeof Symbol<"u"&&Symbol.for&&Symbol.for("react.element")||60103,cr=/^(?:accent|alignment|arabic|baseline|cap|clip(?!PathU)|color|dominant|fill|flood|font|glyph(?!R)|horiz|image(!S)|letter|lighting|marker(?!H|W|U)|overline|paint|pointer|shape|stop|strikethrough|stroke|text(?!L)|transform|underline|unicode|units|v|vector|vert|word|writing|x(?!C))[A-Z]/,lr=/^on(Ani|Tra|Tou|BeforeInp|Compo)/,ur=/[A-Z0-9]/g,_r=typeof document<"u",fr=function(e){return(typeof Symbol<"u"&&typeof Symbol()=="symbol"?/fil|che|rad/:/fil|che|ra/).test(e)};function St(e,t,r){return t.__k==null&&(t.textContent=""),Re(e,t),typeof r=="function"&&r(),e?e.__c:null}O.prototype.isReactComponent=!0,["componentWillMount","componentWillReceiveProps","componentWillUpdate"].forEach(function(e){Object.defineProperty(O.prototype,e,{configurable:!0,get:function(){return this["UNSAFE_"+e]},set:function(t){Object.defineProperty(this,e,{configurable:!0,writable:!0,value:t})}})});var xt=b.event;b.event=function(e){return xt&&(e=xt(e)),e.persist=function(){},e.isPropagationStopped=function(){return this.cancelBubble},e.isDefaultPrevented=function(){return this.defaultPrevented},e.nativeEvent=e};var Ot,dr={configurable:!0,get:function(){return this.class}},Et=b.vnode;b.vnode=function(e){typeof e.type=="string"&&(function(t){var r=t.props,n=t.type,s={},o=n.indexOf("-")==-1;for(var i in r){var a=r[i];if(!(i==="value"&&"defaultValue"in r&&a==null||_r&&i==="children"&&n==="noscript"||i==="class"||i==="className")){var _=i.toLowerCase();i==="defaultValue"&&"value"in r&&r.value==null?i="value":i==="download"&&a===!0?a="":_==="translate"&&a==="no"?a=!1:_[0]==="o"&&_[1]==="n"?_==="ondoubleclick"?i="ondblclick":_!=="onchange"||n!=="input"&&n!=="textarea"||fr(r.type)?_==="onfocus"?i="onfocusin":_==="onblur"?i="onfocusout":lr.test(i)&&(i=_):_=i="oninput":o&&cr.test(i)?i=i.replace(ur,"-$&").toLowerCase():a===null&&(a=void 0),_==="oninput"&&s[i=_]&&(i="oninputCapture"),s[i]=a}}n=="select"&&(s.multiple&&Array.isArray(s.value)&&(s.value=I(r.children).forEach(function(l){l.props.selected=s.value.indexOf(l.props.value)!=-1})),s.defaultValue!=null&&(s.value=I(r.children).forEach(function(l){l.props.selected=s.multiple?s.defaultValue.indexOf(l.props.value)!=-1:s.defaultValue==l.props.value}))),r.class&&!r.className?(s.class=r.class,Object.defineProperty(s,"className",dr)):r.className&&(s.class=s.className=r.className),t.props=s})(e),e.$$typeof=ar,Et&&Et(e)};var kt=b.__r;b.__r=function(e){kt&&kt(e),Ot=e.__c};var wt=b.diffed;b.diffed=function(e){wt&&wt(e);var t=e.props,r=e.__e;r!=null&&e.type==="textarea"&&"value"in t&&t.value!==r.value&&(r.value=t.value==null?"":t.value),Ot=null};function It(e){return!!e.__k&&(Re(null,e),!0)}function L(e,t){let[r,n]=Oe({receiver:e,id:t.id,version:t.version,value:t}),s=r.value;return(r.receiver!==e||r.id!==t.id)&&(s=e.attached.get(t),n({receiver:e,id:t.id,version:t.version,value:s})),Ae(s),Ie(()=>{let o=!1,i=()=>{o||n(_=>{let{id:l,version:f,receiver:c}=_,{id:g}=t;if(c!==e||l!==g)return _;let u=e.attached.get(t),m=u?.version;return f===m?_:{receiver:e,value:u,id:g,version:m}})},a=e.attached.subscribe(t,i);return i(),()=>{o=!0,a()}},[e,t]),s}var pr=0;function v(e,t,r,n,s,o){t||(t={});var i,a,_=t;if("ref"in _)for(a in _={},t)a=="ref"?i=t[a]:_[a]=t[a];var l={type:e,props:_,key:r,ref:i,__k:null,__:null,__b:0,__e:null,__c:null,constructor:void 0,__v:--pr,__i:-1,__u:0,__source:s,__self:o};if(typeof e=="function"&&(i=e.defaultProps))for(a in i)_[a]===void 0&&(_[a]=i[a]);return b.vnode&&b.vnode(l),l}var Ue=j(function({controller:t,receiver:r}){let{root:n}=r.attached,{children:s}=L(r,n),{renderComponent:o,renderText:i}=t.renderer;return v(T,{children:s.map(a=>{switch(a.kind){case 1:return o({parent:n,component:a,receiver:r,controller:t,key:a.id});case 2:return i({parent:n,text:a,receiver:r,key:a.id});default:return null}})})});var mr={},At=j(function({receiver:t,component:r,controller:n}){let s=n.get(r.type),o=L(t,r),i=Pe(()=>{let _=o?.props;if(!_)return mr;let l={};for(let f of Object.keys(_)){let c=_[f];l[f]=z(c)?v(hr,{parent:r,receiver:t,fragment:c,controller:n}):c}return l},[t,n,o?.props,r.version]);if(o==null)return null;let{children:a}=o;return a.length===0?v(s,{...i}):v(s,{...i,children:Mt(r,a,t,n)})}),hr=j(function({parent:t,receiver:r,fragment:n,controller:s}){var o;let{children:i}=(o=L(r,n))!==null&&o!==void 0?o:{};return i?v(T,{children:Mt(t,i,r,s)}):null});function Mt(e,t,r,n){let{renderComponent:s,renderText:o}=n.renderer;return[...t].map(i=>{switch(i.kind){case 1:return s({parent:e,component:i,receiver:r,controller:n,key:i.id});case 2:return o({parent:e,text:i,receiver:r,key:i.id});default:return null}})}var Dt=j(function({text:t,receiver:r}){let n=L(r,t);return n?v(T,{children:n.text}):null});function je(e,{renderComponent:t,renderText:r}={}){let n=new Map(Object.entries(e)),s=({parent:_,component:l,controller:f,receiver:c,key:g})=>v(At,{parent:_,component:l,controller:f,receiver:c},g),o=t?_=>t(_,{renderDefault(){return s(_)}}):s,i=({key:_,receiver:l,text:f,parent:c})=>v(Dt,{receiver:l,text:f,parent:c},_);return{get(_){let l=n.get(_);if(l==null)throw new Error(`Unknown component: ${_}`);return l},renderer:{renderComponent:o,renderText:r?_=>r(_,{renderDefault(){return i(_)}}):i}}}var Z=Symbol.for("RemoteUi::Retain"),G=Symbol.for("RemoteUi::Release"),$=Symbol.for("RemoteUi::RetainedBy");var W=class{constructor(){this.memoryManaged=new Set}add(t){this.memoryManaged.add(t),t[$].add(this),t[Z]()}release(){for(let t of this.memoryManaged)t[$].delete(this),t[G]();this.memoryManaged.clear()}};function Ut(e){return!!(e&&e[Z]&&e[G])}function Le(e){if(e==null||typeof e!="object")return!1;let t=Object.getPrototypeOf(e);return t==null||t===Object.prototype}var le="_@f";function jt(e){let t=new Map,r=new Map,n=new Map;return{encode:s,decode:o,async call(i,a){let _=new W,l=r.get(i);if(l==null)throw new Error("You attempted to call a function that was already released.");try{let f=Ut(l)?[_,...l[$]]:[_];return await l(...o(a,f))}finally{_.release()}},release(i){let a=r.get(i);a&&(r.delete(i),t.delete(a))},terminate(){t.clear(),r.clear(),n.clear()}};function s(i,a=new Map){if(i==null)return[i];let _=a.get(i);if(_)return _;if(typeof i=="object"){if(Array.isArray(i)){a.set(i,[void 0]);let f=[],g=[i.map(u=>{let[m,d=[]]=s(u,a);return f.push(...d),m}),f];return a.set(i,g),g}if(Le(i)){a.set(i,[void 0]);let f=[],g=[Object.keys(i).reduce((u,m)=>{let[d,p=[]]=s(i[m],a);return f.push(...p),{...u,[m]:d}},{}),f];return a.set(i,g),g}}if(typeof i=="function"){if(t.has(i)){let g=t.get(i),u=[{[le]:g}];return a.set(i,u),u}let f=e.uuid();t.set(i,f),r.set(f,i);let c=[{[le]:f}];return a.set(i,c),c}let l=[i];return a.set(i,l),l}function o(i,a){if(typeof i=="object"){if(i==null)return i;if(Array.isArray(i))return i.map(_=>o(_,a));if(le in i){let _=i[le];if(n.has(_))return n.get(_);let l=0,f=!1,c=()=>{l-=1,l===0&&(f=!0,n.delete(_),e.release(_))},g=()=>{l+=1},u=new Set(a),m=(...d)=>{if(f)throw new Error("You attempted to call a function that was already released.");if(!n.has(_))throw new Error("You attempted to call a function that was already revoked.");return e.call(_,d)};Object.defineProperties(m,{[G]:{value:c,writable:!1},[Z]:{value:g,writable:!1},[$]:{value:u,writable:!1}});for(let d of u)d.add(m);return n.set(_,m),m}if(Le(i))return Object.keys(i).reduce((_,l)=>({..._,[l]:o(i[l],a)}),{})}return i}}var Lt=0,He=1,Ht=2,Ft=3,zt=5,Fe=6;function ze(e,{uuid:t=gr,createEncoder:r=jt,callable:n}={}){let s=!1,o=e,i=new Map,a=new Map,_=yr(g,n),l=r({uuid:t,release(d){f(Ft,[d])},call(d,p,h){let y=t(),x=u(y,h),[E,R]=l.encode(p);return f(zt,[y,d,E],R),x}});return o.addEventListener("message",c),{call:_,replace(d){let p=o;o=d,p.removeEventListener("message",c),d.addEventListener("message",c)},expose(d){for(let p of Object.keys(d)){let h=d[p];typeof h=="function"?i.set(p,h):i.delete(p)}},callable(...d){if(n!=null)for(let p of d)Object.defineProperty(_,p,{value:g(p),writable:!1,configurable:!0,enumerable:!0})},terminate(){f(Ht,void 0),m(),o.terminate&&o.terminate()}};function f(d,p,h){s||o.postMessage(p?[d,p]:[d],h)}async function c(d){let{data:p}=d;if(!(p==null||!Array.isArray(p)))switch(p[0]){case Ht:{m();break}case Lt:{let h=new W,[y,x,E]=p[1],R=i.get(x);try{if(R==null)throw new Error(`No '${x}' method is exposed on this endpoint`);let[N,S]=l.encode(await R(...l.decode(E,[h])));f(He,[y,void 0,N],S)}catch(N){let{name:S,message:U,stack:C}=N;throw f(He,[y,{name:S,message:U,stack:C}]),N}finally{h.release()}break}case He:{let[h]=p[1];a.get(h)(...p[1]),a.delete(h);break}case Ft:{let[h]=p[1];l.release(h);break}case Fe:{let[h]=p[1];a.get(h)(...p[1]),a.delete(h);break}case zt:{let[h,y,x]=p[1];try{let E=await l.call(y,x),[R,N]=l.encode(E);f(Fe,[h,void 0,R],N)}catch(E){let{name:R,message:N,stack:S}=E;throw f(Fe,[h,{name:R,message:N,stack:S}]),E}break}}}function g(d){return(...p)=>{if(s)return Promise.reject(new Error("You attempted to call a function on a terminated web worker."));if(typeof d!="string"&&typeof d!="number")return Promise.reject(new Error(`Can\u2019t call a symbol method on a remote endpoint: ${d.toString()}`));let h=t(),y=u(h),[x,E]=l.encode(p);return f(Lt,[h,d,x],E),y}}function u(d,p){return new Promise((h,y)=>{a.set(d,(x,E,R)=>{if(E==null)h(R&&l.decode(R,p));else{let N=new Error;Object.assign(N,E),y(N)}})})}function m(){var d;s=!0,i.clear(),a.clear(),(d=l.terminate)===null||d===void 0||d.call(l),o.removeEventListener("message",c)}}function gr(){return`${ue()}-${ue()}-${ue()}-${ue()}`}function ue(){return Math.floor(Math.random()*Number.MAX_SAFE_INTEGER).toString(16)}function yr(e,t){let r;if(t==null){if(typeof Proxy!="function")throw new Error("You must pass an array of callable methods in environments without Proxies.");let n=new Map;r=new Proxy({},{get(s,o){if(n.has(o))return n.get(o);let i=e(o);return n.set(o,i),i}})}else{r={};for(let n of t)Object.defineProperty(r,n,{value:e(n),writable:!1,configurable:!0,enumerable:!0})}return r}function Bt(e){return{render:function(t){St(t,e)},unmount:function(){It(e)}}}var vr={"extra-small":"xs",small:"sm",medium:"md",large:"lg","extra-large":"xl"},D=(...e)=>e.filter(Boolean).join(" "),br=(e,t)=>`${e}-${vr[t]??t}`;function xr({children:e,variant:t="bodytext",inline:r=!1,format:n={}}){let s=D("text",t,n.fontWeight,n.italic&&"italic");return r?v("span",{className:s,children:e}):v("p",{className:s,dir:"auto",children:e})}function Er({children:e}){return v("h3",{className:"heading",dir:"auto",children:e})}function kr({children:e,direction:t="row",gap:r="flush",justify:n="start",align:s="stretch",wrap:o}){let i=o===!0||o==="wrap";return v("div",{className:D("flex",t,br("gap",r),`justify-${n}`,`align-${s}`,i&&"wrap"),children:e})}function wr({children:e,variant:t="default"}){return v("span",{className:D("tag",t),dir:"auto",children:e})}function Rr({title:e,children:t,variant:r="info"}){return v("div",{className:D("alert",r),role:"note",dir:"auto",children:[v("p",{className:"alert-title",children:e}),v("div",{children:t})]})}function Nr({children:e}){return v("dl",{className:"statistics",children:e})}function Tr({label:e,number:t,children:r}){return v("div",{className:"statistic",children:[v("dt",{children:e}),v("dd",{children:[v("span",{className:"number",dir:"auto",children:t}),r]})]})}function Cr(e){let{title:t,value:r=0,maxValue:n=100,valueDescription:s,variant:o="success"}=e,i=Math.min(1,Math.max(0,r/n));return v("div",{className:"progress",children:[v("p",{className:"progress-head",children:[v("span",{dir:"auto",children:t}),v("span",{dir:"auto",children:s})]}),v("div",{role:"progressbar","aria-label":e["aria-label"]??t,"aria-valuenow":r,"aria-valuemin":0,"aria-valuemax":n,"aria-valuetext":s,children:v("div",{className:D("bar",o),style:{inlineSize:`${i*100}%`}})})]})}function Sr(e){let{stepNames:t,currentStep:r=0,direction:n="horizontal",variant:s="default"}=e,o=i=>i<r?"past":i===r?"current":"ahead";return v("ol",{className:D("steps",n,s),children:t.map((i,a)=>v("li",{className:o(a),"aria-current":a===r?"step":void 0,children:[v("span",{className:"circle","aria-hidden":"true",children:a<r?"\u2713":a+1}),v("span",{className:"step",dir:"auto",children:i})]},a))})}function Or({children:e,variant:t="unordered"}){let r=t.startsWith("ordered")?"ol":"ul";return v(r,{className:D("list",t),children:Rt.map(e,n=>v("li",{dir:"auto",children:n}))})}function Ir({children:e,direction:t="column"}){return v("dl",{className:D("descriptions",t),children:e})}function Pr({label:e,children:t}){return v("div",{className:"description",children:[v("dt",{children:e}),v("dd",{dir:"auto",children:t})]})}function Ar({label:e,showLabel:t=!1}){return v("div",{className:"loading",role:"status",children:[v("span",{className:"spinner","aria-hidden":"true"}),v("span",{className:t?void 0:"unseen",children:e})]})}function Mr({title:e,children:t}){return v("div",{className:"error",role:"alert",dir:"auto",children:[v("h3",{className:"heading",children:e}),t]})}var Vt={Alert:Rr,DescriptionList:Ir,DescriptionListItem:Pr,ErrorState:Mr,Flex:kr,Heading:Er,List:Or,LoadingSpinner:Ar,ProgressBar:Cr,Statistics:Nr,StatisticsItem:Tr,StepIndicator:Sr,Tag:wr,Text:xr};var $t=`/* Our own drawing of the components; HubSpot's looks alike, not the same. */

:host {
  display: block;
  color-scheme: light dark;
  --ground: #fff;
  --ink: #2b3a49;
  --quiet: #51667b;
  --line: #d3dde6;
  --track: #e6edf3;
  --bar: #0a8577;
  --mark: #0a6f8f;
  --default: #eaf0f5;
  --success: #d9f2ec;
  --info: #dcecf8;
  --warning: #fdf0d5;
  --danger: #fbe3e1;
  --success-edge: #0a8577;
  --info-edge: #2a78b0;
  --warning-edge: #b36b00;
  --danger-edge: #b3382c;
}

@media (prefers-color-scheme: dark) {
  :host {
    --ground: #1c252e;
    --ink: #e6edf3;
    --quiet: #a6b8c9;
    --line: #3a4855;
    --track: #34424f;
    --bar: #3db8a6;
    --mark: #5cb8d6;
    --default: #2e3b47;
    --success: #143f39;
    --info: #173a54;
    --warning: #46370f;
    --danger: #51231f;
    --success-edge: #3db8a6;
    --info-edge: #62aee0;
    --warning-edge: #e0a13a;
    --danger-edge: #ec8176;
  }
}

* {
  box-sizing: border-box;
  margin: 0;
}

.card {
  container-type: inline-size;
  padding: 20px;
  border: 1px solid var(--line);
  border-radius: 8px;
  background: var(--ground);
  color: var(--ink);
  font: 14px/1.5 "Lexend Deca", "Helvetica Neue", Helvetica, Arial, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}

.sidebar {
  padding: 16px;
}

.heading {
  font-size: 20px;
  font-weight: 600;
  line-height: 1.3;
}

.sidebar .heading {
  font-size: 17px;
}

.microcopy {
  color: var(--quiet);
  font-size: 12.5px;
}

.demibold {
  font-weight: 600;
}

.bold {
  font-weight: 700;
}

.italic {
  font-style: italic;
}

.flex {
  display: flex;
  min-inline-size: 0;
}

.column {
  flex-direction: column;
}

.wrap {
  flex-wrap: wrap;
}

.gap-xs {
  gap: 4px;
}

.gap-sm {
  gap: 8px;
}

.gap-md {
  gap: 16px;
}

.gap-lg {
  gap: 24px;
}

.gap-xl {
  gap: 32px;
}

.align-start {
  align-items: flex-start;
}

.align-center {
  align-items: center;
}

.align-baseline {
  align-items: baseline;
}

.align-end {
  align-items: flex-end;
}

.justify-center {
  justify-content: center;
}

.justify-end {
  justify-content: flex-end;
}

.justify-between {
  justify-content: space-between;
}

.tag {
  display: inline-block;
  padding: 1px 8px;
  border: 1px solid transparent;
  border-radius: 3px;
  background: var(--default);
  font-size: 12.5px;
}

.tag.success {
  border-color: var(--success-edge);
  background: var(--success);
}

.tag.info {
  border-color: var(--info-edge);
  background: var(--info);
}

.tag.warning {
  border-color: var(--warning-edge);
  background: var(--warning);
}

.tag.error {
  border-color: var(--danger-edge);
  background: var(--danger);
}

.alert {
  padding: 12px 16px;
  border-inline-start: 4px solid var(--info-edge);
  border-radius: 3px;
  background: var(--info);
}

.alert.warning {
  border-color: var(--warning-edge);
  background: var(--warning);
}

.alert.danger,
.alert.error {
  border-color: var(--danger-edge);
  background: var(--danger);
}

.alert-title {
  font-weight: 600;
}

.statistics {
  display: flex;
  flex-wrap: wrap;
  gap: 12px 24px;
}

.statistic {
  flex: 1 1 110px;
}

.statistic dt,
.description dt {
  color: var(--quiet);
  font-size: 12.5px;
}

.statistic dd,
.description dd {
  margin: 0;
}

.number {
  display: block;
  font-size: 32px;
  font-weight: 600;
  line-height: 1.25;
}

.progress-head {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0 12px;
  margin-block-end: 4px;
}

.progress-head span + span {
  color: var(--quiet);
  font-variant-numeric: tabular-nums;
}

[role="progressbar"] {
  block-size: 8px;
  border-radius: 4px;
  background: var(--track);
  overflow: hidden;
}

.bar {
  block-size: 100%;
  border-radius: 4px;
  background: var(--bar);
}

.bar.warning {
  background: var(--warning-edge);
}

.bar.danger {
  background: var(--danger-edge);
}

.steps {
  display: flex;
  padding: 0;
  list-style: none;
}

.steps li {
  position: relative;
  display: flex;
  flex: 1 1 0;
  flex-direction: column;
  align-items: center;
  gap: 4px;
  min-inline-size: 0;
  color: var(--quiet);
  font-size: 12.5px;
  text-align: center;
}

.steps li + li::before {
  position: absolute;
  inset-block-start: 11px;
  inset-inline: calc(-50% + 14px) calc(50% + 14px);
  border-block-start: 2px solid var(--line);
  content: "";
}

.circle {
  display: grid;
  flex: none;
  place-items: center;
  inline-size: 24px;
  block-size: 24px;
  border: 2px solid var(--line);
  border-radius: 50%;
  font-size: 12px;
}

.past .circle {
  border-color: var(--mark);
  color: var(--mark);
}

.current .circle {
  border-color: var(--mark);
  background: var(--mark);
  color: var(--ground);
  font-weight: 700;
}

.current .step {
  color: var(--ink);
  font-weight: 600;
}

.steps.compact li {
  flex: 1 1 24px;
}

.steps.compact .current {
  flex: none;
}

.steps.compact li:not(.current) .step {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

.list {
  display: flex;
  flex-direction: column;
  gap: 4px;
  padding: 0;
  list-style: none;
}

.list.ordered,
.list.unordered-styled {
  padding-inline-start: 20px;
  list-style: revert;
}

.descriptions {
  display: flex;
  flex-direction: column;
  gap: 12px;
}

.descriptions.row {
  flex-flow: row wrap;
  gap: 12px 40px;
}

.loading {
  display: flex;
  gap: 10px;
  align-items: center;
  justify-content: center;
  padding: 24px;
}

.spinner {
  inline-size: 20px;
  block-size: 20px;
  border: 3px solid var(--track);
  border-block-start-color: var(--mark);
  border-radius: 50%;
}

@media (prefers-reduced-motion: no-preference) {
  .spinner {
    animation: turn 1s linear infinite;
  }
}

@keyframes turn {
  to {
    rotate: 1turn;
  }
}

.unseen {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
`;function mo(e,t){let r=new Worker(new URL("worker.js",import.meta.url)),n=ze(r),s=Q(),o=e.shadowRoot??e.attachShadow({mode:"open"}),i=new CSSStyleSheet;i.replaceSync($t),o.adoptedStyleSheets=[i];let a=document.createElement("div");a.className=`card ${t.location==="crm.record.sidebar"?"sidebar":"tab"}`,a.lang=t.locale,o.replaceChildren(a);let _=Bt(a);_.render(M(Ue,{receiver:s,controller:je(Vt)}));let l=f=>{_.unmount(),a.role="alert",a.textContent=`The card could not be shown: ${f}`};return r.addEventListener("error",f=>l(f.message||`${t.bundleUrl} could not be loaded`)),n.call.start({bundleUrl:new URL(t.bundleUrl,document.baseURI).href,context:{location:t.location,crm:{objectId:t.objectId,objectTypeId:t.objectTypeId},user:{locale:t.locale},portal:{timezone:t.timeZone}},channel:s.receive,read:()=>t.properties().then(f=>({properties:f}),f=>({error:f.message}))}).catch(f=>l(f.message)),{async update(){await n.call.changed(await t.properties())},unmount(){n.terminate(),r.terminate(),_.unmount(),o.replaceChildren()}}}export{mo as mountHubSpotCard};
